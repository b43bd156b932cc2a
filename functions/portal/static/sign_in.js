// Signing in, the first time and again when a token has run out.
import { signOut } from "./api.js";
import { config } from "./config.js";
import { html, useState } from "./lib.js";
import { useCommand } from "./loading.js";
import { Brand } from "./navigation.js";
import { answerChallenge, signIn, state } from "./session.js";
import { Dialog, Failure, Field } from "./ui.js";

export function SignIn() {
  return html`<main class="sign-in"><div>
    <${Brand} />
    <h1>Sign in</h1>
    <p class="soft">Order, claim and assign licenses.</p>
    <${SignInForm} />
    <${DemoPeople} />
  </div></main>`;
}

/** Over the page, which stays as it is and goes on afterwards. */
export function SignInAgain() {
  return html`<${Dialog} title="Please sign in again" about="Your sign-in has run out. What you were doing stays as it is." onClose=${signOut}>
    <${SignInForm} email=${state().email} inside />
  </${Dialog}>`;
}

function SignInForm({ email: known = "", inside }) {
  const [email, setEmail] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [challenge, setChallenge] = useState(null);
  const { busy, problem, run } = useCommand();
  const submit = async (event) => {
    event.preventDefault();
    const next = await run(() => (challenge ? answerChallenge(challenge, password) : signIn(email, password)));
    if (next) setChallenge(next);
    setPassword("");
  };
  const asked = ASKED[challenge?.name] ?? PASSWORD;
  const body = html`
    <${Failure} problem=${problem} />
    ${challenge
      ? html`<p>${asked.why}</p>`
      : html`<${Field} label="E-mail address">${(given) => html`<input ...${given} type="email" autocomplete="username" required
          value=${email} onInput=${(event) => setEmail(event.target.value)} />`}</${Field}>`}
    <${Field} key=${asked.label} label=${asked.label} hint=${asked.hint}>
      ${(given) => html`<input ...${given} ...${asked.input} required
        value=${password} onInput=${(event) => setPassword(event.target.value)} />`}
    </${Field}>
    <div><button class="button primary" disabled=${busy || !email || !password} onClick=${inside ? submit : undefined}>
      ${busy ? "One moment…" : asked.action}
    </button></div>`;
  return inside ? html`<div class="fields">${body}</div>` : html`<form class="fields" onSubmit=${submit}>${body}</form>`;
}

const PASSWORD = { label: "Password", action: "Sign in", input: { type: "password", autocomplete: "current-password" } };
const ASKED = {
  NEW_PASSWORD_REQUIRED: {
    why: "This is your first sign-in. Choose a password of your own.",
    label: "New password",
    hint: "At least 12 characters, with upper and lower case letters and a digit.",
    action: "Set password and sign in",
    input: { type: "password", autocomplete: "new-password" },
  },
  SOFTWARE_TOKEN_MFA: {
    why: "Your sign-in has a second factor.",
    label: "Code",
    hint: "The six digits that your authenticator app shows now.",
    action: "Sign in",
    input: { type: "text", inputmode: "numeric", autocomplete: "one-time-code" },
  },
};

/** Only a stack on this machine names any. */
function DemoPeople() {
  const { busy, problem, run } = useCommand();
  const people = config().demo_people;
  if (!people.length) return null;
  return html`<section class="demo" aria-label="Demo people">
    <h2>Demo people of this local stack</h2>
    <${Failure} problem=${problem} />
    <ul>${people.map((person) => html`<li key=${person.email}>
      <button type="button" class="button" disabled=${busy} onClick=${() => run(() => signIn(person.email, person.password))}>
        <span>${person.label}</span><span class="faint">${person.email}</span>
      </button>
    </li>`)}</ul>
  </section>`;
}
