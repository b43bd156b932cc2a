// One order: its lines and their keys, its mails and what became of them.
import { get, post } from "../api.js";
import { At } from "../dates.js";
import { html, useEffect, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { link } from "../router.js";
import { Lines } from "../table.js";
import { Badge, Card, Empty, Failure, Loaded, PageHead, toast } from "../ui.js";
import { DELIVERY_STATUS, KEY_STATE, ORDER_STATUS } from "../words.js";
import { useWorld } from "../world.js";
import { Resend } from "./resend.js";

const FAST = 1500;
const SLOW = 6000;

export function Order({ order: id }) {
  const world = useWorld();
  const [open, setOpen] = useState(null);
  const path = `/orders/${encodeURIComponent(id)}`;
  const order = useLoad(() => get(path), [path]);
  const { busy, problem, run } = useCommand();
  useWatch(order);
  const complete = async () => {
    if (await run(() => post(`${path}/completion`))) {
      toast("The order is completed: its keys are being made and mailed.");
      order.reload();
    }
  };
  const done = (said) => {
    setOpen(null);
    toast(said);
    order.reload();
  };
  const data = order.data;
  return html`
    <${PageHead} crumbs=${["Ordering", ["Orders", ["orders"]]]} title=${data ? data.po_number : "Order"} about=${data?.customer}>
      ${world.operator && data?.status === "received" && html`<button class="button primary" disabled=${busy} onClick=${complete}>Complete order</button>`}
    </${PageHead}>
    <${Failure} problem=${problem} />
    <${Loaded} from=${order}>${(seen) => html`
      <${Card} label="Order"><dl class="facts across">
        <div><dt>Status</dt><dd><${Badge} words=${ORDER_STATUS} code=${seen.status} /></dd></div>
        <div><dt>Partner</dt><dd>${seen.partner_id}</dd></div>
        <div><dt>Received</dt><dd><${At} at=${seen.received_at} time /></dd></div>
        <div><dt>Completed</dt><dd><${At} at=${seen.completed_at} time /></dd></div>
      </dl></${Card}>
      <${Card} plain title="Order lines"><${OrderLines} order=${seen} path=${path} world=${world} /></${Card}>
      <${Card} plain title="Mail" action=${seen.deliveries.length > 0 && html`<button class="button small" onClick=${() => setOpen({ again: true })}>Send again</button>`}>
        <${Mails} order=${seen} onResend=${(mail) => setOpen(mail)} />
      </${Card}>
      ${open && html`<${Resend} path=${path} order=${seen} mail=${open.recipient ? open : null} onClose=${() => setOpen(null)} onDone=${done} />`}`}
    </${Loaded}>`;
}

/** Looks again while keys or mails are on their way. */
function useWatch(order) {
  const seen = order.data;
  useEffect(() => {
    if (!seen || seen.status === "received" || order.loading) return undefined;
    const moving = seen.status === "completed" || seen.deliveries.some((mail) => mail.status === "queued");
    const waiting = seen.deliveries.some((mail) => mail.status === "sent");
    if (!moving && !waiting) return undefined;
    const timer = setTimeout(order.reload, moving ? FAST : SLOW);
    return () => clearTimeout(timer);
  }, [seen, order.loading]);
}

function OrderLines({ order, path, world }) {
  return html`<${Lines} caption="Order lines" rows=${order.lines} id=${(row) => row.line} columns=${[
    { name: "Line", show: (row) => row.line },
    { name: "License model", show: (row) => html`<span class="strong nowrap">${row.license_model}</span>` },
    { name: "Quantity", number: true, show: (row) => row.quantity.toLocaleString() },
    { name: "Key", show: (row) => (row.key_fingerprint ? html`<code>${row.key_fingerprint}</code>` : html`<span class="faint">–</span>`) },
    { name: "State", show: (row) => html`<${Badge} words=${KEY_STATE} code=${row.key_state} />` },
    { name: "Claimed by", show: (row) => (row.claimed_by ? holder(row.claimed_by, world) : html`<span class="faint">–</span>`) },
    { name: "Document", end: true, show: (row) => row.key_fingerprint && html`<${OpenPdf} path="${path}/lines/${row.line}/document" line=${row.line} />` },
  ]} />`;
}

function holder({ kind, id }, world) {
  if (kind === "msp") return world.mspName(id);
  return world.orgs.some((org) => org.org_id === id) ? html`<a href=${link(["orgs", id, "licenses"])}>${world.orgName(id)}</a>` : id;
}

/** A link of five minutes, asked for when it is wanted. */
function OpenPdf({ path, line }) {
  const { busy, problem, run } = useCommand();
  const open = () => run(async () => location.assign((await get(path, { link: true })).url));
  return html`<button class="button small" disabled=${busy} aria-label="PDF of line ${line}" onClick=${open}>PDF</button><${Failure} problem=${problem} />`;
}

function Mails({ order, onResend }) {
  if (order.deliveries.length === 0) {
    return html`<${Empty} title="Nothing was mailed yet">When the order is completed, the keys go to ${order.delivery_emails.join(", ")}.</${Empty}>`;
  }
  return html`<${Lines} caption="Mails" rows=${order.deliveries} id=${(mail) => mail.recipient} columns=${[
    { name: "Recipient", show: (mail) => html`<span class="strong">${mail.recipient}</span>` },
    { name: "State", show: (mail) => html`<${Badge} words=${DELIVERY_STATUS} code=${mail.status} />${mail.reason && html`<small>${mail.reason}</small>`}` },
    { name: "Since", show: (mail) => html`<${At} at=${mail.at} time />` },
    { name: "Action", end: true, show: (mail) => html`<button class="button small" onClick=${() => onResend(mail)} aria-label="Send again to ${mail.recipient}">
      ${mail.status === "bounced" ? "Correct address" : "Send again"}</button>` },
  ]} />`;
}
