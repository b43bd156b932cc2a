// + Add MSP License: enter keys → old end and new end → claimed (D15).
import { post, preview } from "../api.js";
import { At, dateText } from "../dates.js";
import { KeysField, keysIn } from "../keys_field.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Lines } from "../table.js";
import { Dialog, Failure, Footer } from "../ui.js";
import { useWorld } from "../world.js";

const BASIS = {
  started: "This key starts the portal’s validity, from now.",
  extended: "The portal’s validity is extended from its present end.",
  restarted: "The portal’s validity had lapsed: it starts again, from now.",
};

export function AddMspLicense({ msp, portal, onClose, onDone }) {
  const world = useWorld();
  const [text, setText] = useState("");
  const [plan, setPlan] = useState(null);
  const { busy, problem, run, forget } = useCommand();
  const path = `/msps/${encodeURIComponent(msp)}/claims`;
  const body = { license_keys: keysIn(text) };
  const show = () => run(async () => setPlan(await preview(path, body)));
  const claim = async () => {
    const done = await run(() => post(path, body, plan.plan));
    if (done) onDone(`${world.mspName(msp)} is valid until ${dateText(done.valid_until)}.`);
  };
  const back = () => {
    forget();
    setPlan(null);
  };
  const title = portal?.licenses.length ? "Extend the portal’s validity" : "Add MSP License";
  return html`<${Dialog} title=${title} about=${world.mspName(msp)} onClose=${onClose} onSubmit=${plan ? claim : show}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${plan ? back : onClose} cancel=${plan ? "Back" : "Cancel"}
      action=${plan ? "+ Add MSP License" : "Continue"} busy=${busy} disabled=${body.license_keys.length === 0} />`}>
    ${plan ? html`<${Extension} plan=${plan} name=${world.mspName(msp)} />` : html`<${KeysField} text=${text} onText=${setText} />`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

function Extension({ plan, name }) {
  return html`
    <dl class="facts ends">
      <dt>Valid until</dt><dd>${plan.previous_valid_until ? html`<${At} at=${plan.previous_valid_until} time />` : "not valid yet"}</dd>
      <dt>New end</dt><dd><strong><${At} at=${plan.valid_until} time /></strong></dd>
    </dl>
    <div class="inset"><${Lines} caption="Keys" rows=${plan.claims} columns=${[
      { name: "Key", show: (row) => html`<code>${row.key_fingerprint}</code>` },
      { name: "License", show: (row) => html`<span class="strong">${row.license_model}</span>` },
      { name: "Quantity", number: true, show: (row) => row.quantity },
    ]} /></div>
    <div class="notice warn"><strong>For ${name}, for good.</strong>${BASIS[plan.basis]} A claim is final: it can’t be undone, and the key can’t be entered anywhere else.</div>`;
}
