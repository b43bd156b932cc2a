// Signing in, the first time and again when a token has run out.
import { config } from "./config.js";
import { html, useState } from "./lib.js";
import { useCommand } from "./loading.js";
import { Brand } from "./navigation.js";
import { choosePassword, signIn, signOut, state } from "./session.js";
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
    const asked = await run(() => (challenge ? choosePassword(challenge, password) : signIn(email, password)));
    if (asked) setChallenge(asked);
    setPassword("");
  };
  const body = html`
    <${Failure} problem=${problem} />
    ${challenge
      ? html`<p>This is your first sign-in. Choose a password of your own.</p>`
      : html`<${Field} label="E-mail address">${(given) => html`<input ...${given} type="email" autocomplete="username" required
          value=${email} onInput=${(event) => setEmail(event.target.value)} />`}</${Field}>`}
    <${Field} label=${challenge ? "New password" : "Password"} hint=${challenge && "At least 12 characters, with upper and lower case letters and a digit."}>
      ${(given) => html`<input ...${given} type="password" required autocomplete=${challenge ? "new-password" : "current-password"}
        value=${password} onInput=${(event) => setPassword(event.target.value)} />`}
    </${Field}>
    <div><button class="button primary" disabled=${busy || !email || !password} onClick=${inside ? submit : undefined}>
      ${busy ? "One moment…" : challenge ? "Set password and sign in" : "Sign in"}
    </button></div>`;
  return inside ? html`<div class="fields">${body}</div>` : html`<form class="fields" onSubmit=${submit}>${body}</form>`;
}

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
