// Sending an order's mail again: to chosen addresses of the list, or to a corrected one (D7).
import { post } from "../api.js";
import { emailFault } from "../emails.js";
import { plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Dialog, Failure, Field, Footer } from "../ui.js";

export function Resend({ path, order, mail, onClose, onDone }) {
  const bounced = mail?.status === "bounced";
  const [chosen, setChosen] = useState(new Set(mail ? (bounced ? [] : [mail.recipient]) : order.deliveries.map((each) => each.recipient)));
  const [other, setOther] = useState(bounced ? mail.recipient : "");
  const { busy, problem, run } = useCommand();
  const corrected = other.trim();
  const fault = corrected ? emailFault(corrected) : null;
  const recipients = [...new Set([...chosen, ...(corrected ? [corrected] : [])])];
  const unchanged = bounced && corrected === mail.recipient;
  const send = async () => {
    if (await run(() => post(`${path}/deliveries`, { recipients }))) onDone(`The mail is on its way to ${plural(recipients.length, "address", "addresses")}.`);
  };
  const toggle = (recipient) => {
    const next = new Set(chosen);
    if (!next.delete(recipient)) next.add(recipient);
    setChosen(next);
  };
  return html`<${Dialog} title=${bounced ? "Correct the address" : "Send again"} about="${order.po_number}: the keys as PDFs, as they were mailed before."
    onClose=${onClose} onSubmit=${send} footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action="Send" busy=${busy} disabled=${!recipients.length || fault} />`}>
    ${bounced && html`<div class="notice bad"><strong>${mail.recipient} bounced.</strong>${mail.reason}</div>`}
    ${!bounced && html`<fieldset class="choices"><legend>To</legend>${order.deliveries.map((each) => html`<label class="check" key=${each.recipient}>
      <input type="checkbox" checked=${chosen.has(each.recipient)} onChange=${() => toggle(each.recipient)} /><span>${each.recipient}</span>
    </label>`)}</fieldset>`}
    <${Field} label=${bounced ? "Corrected address" : "Another address (optional)"} fault=${fault} hint=${unchanged ? "The same address will be tried again." : undefined}>
      ${(given) => html`<input ...${given} type="email" autocomplete="off" autofocus=${bounced} value=${other} onInput=${(event) => setOther(event.target.value)} />`}
    </${Field}>
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}
