// An operator's grant counts only for a sign-in with a second factor: here it is set up.
import { signOut } from "./api.js";
import { confirmFactor, newFactor } from "./cognito.js";
import { html, useState } from "./lib.js";
import { useCommand } from "./loading.js";
import { accessToken } from "./session.js";
import { Dialog, Failure, Field, Footer } from "./ui.js";

export function SecondFactor() {
  const [open, setOpen] = useState(false);
  return html`<div class="notice">
    <strong>Your operator rights wait for a second factor.</strong>
    Operators sign in with a password and a code from an authenticator app.
    <div><button type="button" class="button small" onClick=${() => setOpen(true)}>Set up the second factor</button></div>
    ${open && html`<${SetUp} onClose=${() => setOpen(false)} />`}
  </div>`;
}

function SetUp({ onClose }) {
  const [secret, setSecret] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, run } = useCommand();
  const begin = async () => setSecret((await run(() => newFactor(accessToken()))) ?? "");
  // With the next sign-in Cognito asks for the code, and the rights are there.
  const finish = () => run(() => confirmFactor(accessToken(), code.trim()).then(signOut));
  // What may change the sign-in is not kept in the browser's storage.
  if (!accessToken()) {
    return html`<${Dialog} title="Second factor" onClose=${onClose} onSubmit=${signOut}
      footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action="Sign out" />`}>
      <p>Sign out and in again first: the second factor can be set up right after signing in.</p>
    </${Dialog}>`;
  }
  return html`<${Dialog} title="Second factor" onClose=${onClose} onSubmit=${secret ? finish : begin}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} busy=${busy}
      action=${secret ? "Confirm and sign in again" : "Show the secret"} disabled=${secret && !code} />`}>
    <${Failure} problem=${problem} />
    ${secret
      ? html`<p>Enter this secret in your authenticator app, then the code that the app shows.</p>
        <p><code>${secret}</code></p>
        <${Field} label="Code">${(given) => html`<input ...${given} type="text" inputmode="numeric" autocomplete="one-time-code"
          required value=${code} onInput=${(event) => setCode(event.target.value)} />`}</${Field}>`
      : html`<p>You need an authenticator app on your phone or computer, one that shows codes of six digits.</p>`}
  </${Dialog}>`;
}
