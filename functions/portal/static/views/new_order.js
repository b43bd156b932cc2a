// Placing an order: models from the catalogue, quantities, and who gets the keys.
import { get, post, whole } from "../api.js";
import { plural, termText } from "../dates.js";
import { emailFault, emailsIn } from "../emails.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { go } from "../router.js";
import { Card, Failure, Field, Loaded, PageHead, toast } from "../ui.js";
import { CATEGORY, say, TYPE } from "../words.js";
import { useWorld } from "../world.js";
import { OrderLinesForm } from "./order_lines_form.js";

const MOST_EMAILS = 50;

export function NewOrder() {
  const world = useWorld();
  const known = useLoad(async () => {
    const [models, partners] = await Promise.all([get("/license-models"), world.operator ? whole("/partners") : world.partners.map((partner_id) => ({ partner_id, name: partner_id }))]);
    return { models: models.items, partners };
  }, []);
  return html`
    <${PageHead} crumbs=${["Ordering", ["Orders", ["orders"]]]} title="Place an order" />
    <${Loaded} from=${known}>${({ models, partners }) => html`<${OrderForm} models=${models} partners=${partners} />`}</${Loaded}>`;
}

function OrderForm({ models, partners }) {
  const [partner, setPartner] = useState(partners[0]?.partner_id ?? "");
  const [po, setPo] = useState("");
  const [customer, setCustomer] = useState("");
  const [lines, setLines] = useState([{ id: 0, license_model: "", quantity: "1" }]);
  const [mails, setMails] = useState("");
  const { busy, problem, run } = useCommand();
  const emails = emailsIn(mails);
  const wrong = emails.filter(emailFault);
  const filled = lines.filter((line) => line.license_model);
  const body = {
    partner_id: partner,
    po_number: po.trim(),
    customer: customer.trim(),
    lines: filled.map((line) => ({ license_model: line.license_model, quantity: Number(line.quantity) })),
    delivery_emails: emails,
  };
  const ready = partner && body.po_number && body.customer && filled.length && emails.length && !wrong.length && body.lines.every((line) => line.quantity >= 1);
  const fault = (name) => problem?.errors.find((each) => each.field === name)?.message;
  const place = async (event) => {
    event.preventDefault();
    const order = await run(() => post("/orders", body));
    if (!order) return;
    toast(`Order ${order.po_number} was received.`);
    go(["orders", order.order_id]);
  };
  const input = (value, set, more) => (given) => html`<input ...${given} ...${more} autocomplete="off" value=${value} onInput=${(event) => set(event.target.value)} />`;
  return html`<form onSubmit=${place} noValidate class="fields">
    <${Card} title="Purchase order"><div class="row">
      <${Field} label="Partner">${(given) => html`<select ...${given} value=${partner} onChange=${(event) => setPartner(event.target.value)}>
        ${partners.map((each) => html`<option key=${each.partner_id} value=${each.partner_id}>${each.name}</option>`)}</select>`}</${Field}>
      <${Field} label="PO number" fault=${fault("po_number")}>${input(po, setPo, { maxlength: 64 })}</${Field}>
      <${Field} label="Customer" fault=${fault("customer")}>${input(customer, setCustomer, { maxlength: 200 })}</${Field}>
    </div></${Card}>
    <${Card} title="Order lines"><p class="soft">Each line makes one license key. A model can stand in one line only.</p>
      <${OrderLinesForm} models=${models} lines=${lines} onChange=${setLines} about=${aboutModel} />
    </${Card}>
    <${Card} title="Delivery e-mail list">
      <${Field} label="Who gets the license keys" hint=${emails.length ? undefined : "At least one address; separate several with commas or new lines."}
        fault=${wrong.length ? `${wrong.join(", ")}: not an e-mail address.` : emails.length > MOST_EMAILS ? `At most ${MOST_EMAILS} addresses.` : null}>
        ${(given) => html`<textarea ...${given} rows="3" spellcheck=${false} value=${mails} onInput=${(event) => setMails(event.target.value)}></textarea>`}
      </${Field}>
      ${emails.length > 0 && html`<ul class="chips" aria-label="Addresses">${emails.map((email) => html`<li key=${email} class=${emailFault(email) ? "bad" : ""}>${email}</li>`)}</ul>`}
    </${Card}>
    <${Changed} problem=${problem} />
    <div class="buttons"><button class="button primary" disabled=${busy || !ready}>${busy ? "One moment…" : "Place order"}</button>
      <span class="soft">${filled.length ? `${plural(filled.length, "key")}, mailed to ${plural(emails.length, "address", "addresses")} once the order is completed.` : ""}</span></div>
  </form>`;
}

const aboutModel = (model) => [model.category && say(CATEGORY, model.category), say(TYPE, model.type), termText(model.term_days)].filter(Boolean).join(", ");

/** The refusal; of a PO number used before, with what differs. */
function Changed({ problem }) {
  return html`<${Failure} problem=${problem} />
    ${problem?.changes?.length > 0 && html`<ul class="notice">${problem.changes.map((change) => html`<li><code>${change.field}</code>: ${said(change.was)} → ${said(change.is)}</li>`)}</ul>`}`;
}

const said = (value) => (Array.isArray(value) ? value.join(", ") : value ?? "–");
