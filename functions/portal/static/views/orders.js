// Orders of a partner or, for an operator, of everybody.
import { list } from "../api.js";
import { At, plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { link, refine } from "../router.js";
import { Table } from "../table.js";
import { Badge, Card, Empty, Failure, Loaded, PageHead, Select } from "../ui.js";
import { DELIVERY_STATUS, ORDER_STATUS } from "../words.js";
import { useWorld } from "../world.js";

export function Orders({ query }) {
  const world = useWorld();
  const [older, setOlder] = useState({ items: [] });
  const { problem, run } = useCommand();
  const partner = query.partner || (world.operator || world.partners.length < 2 ? undefined : world.partners[0]);
  const asked = { status: query.status, partner_id: partner };
  const orders = useLoad(async () => {
    setOlder({ items: [] });
    return list("/orders", asked, 200);
  }, [query.status, partner]);
  const cursor = older.items.length ? older.cursor : orders.data?.cursor;
  const more = async () => {
    const next = await run(() => list("/orders", asked, 200, cursor));
    if (next) setOlder({ items: [...older.items, ...next.items], cursor: next.cursor });
  };
  const statuses = Object.entries(ORDER_STATUS).map(([code, [label]]) => [code, label]);
  const rows = matching([...(orders.data?.items ?? []), ...older.items], query.search);
  return html`
    <${PageHead} crumbs=${["Ordering"]} title="Orders">
      <a class="button primary" href=${link(["orders", "new"])}>Place an order</a>
    </${PageHead}>
    <${Card} plain label="Orders">
      <div class="filters" role="search" aria-label="Filter orders">
        <label class="search"><span class="unseen">Search PO number or customer</span>
          <input type="search" placeholder="Search PO number or customer" value=${query.search ?? ""} onInput=${(event) => refine({ search: event.target.value })} /></label>
        <${Select} label="Status" value=${query.status} options=${[["", "Any status"], ...statuses]} onChange=${(status) => refine({ status })} />
        ${!world.operator && world.partners.length > 1 && html`<${Select} label="Partner" value=${partner}
          options=${world.partners.map((id) => [id, id])} onChange=${(next) => refine({ partner: next })} />`}
      </div>
      <${Loaded} from=${orders}>${() => html`<${Failure} problem=${problem} />
        <${Table} caption="Orders" rows=${rows} id=${(row) => row.order_id} columns=${COLUMNS} more=${cursor ? more : null} sort=${{ name: "Received", down: true }}
          empty=${query.status || query.search
            ? html`<${Empty} title="No order fits these filters">Take a filter away to see more.</${Empty}>`
            : html`<${Empty} title="No orders yet">Place the first one: license keys are mailed once it is completed.</${Empty}>`} />`}
      </${Loaded}>
    </${Card}>`;
}

function matching(rows, search = "") {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => words.every((word) => `${row.po_number} ${row.customer} ${row.partner_id}`.toLowerCase().includes(word)));
}

/** The worst that became of an order's mails. */
function mailOf(order) {
  const worst = ["bounced", "complained", "queued", "sent", "delivered"].find((status) => order.deliveries.some((mail) => mail.status === status));
  return worst ? html`<${Badge} words=${DELIVERY_STATUS} code=${worst} />` : html`<span class="faint">–</span>`;
}

const COLUMNS = [
  { name: "PO number", show: (row) => html`<a class="strong nowrap" href=${link(["orders", row.order_id])}>${row.po_number}</a><small>${row.partner_id}</small>`, by: (row) => row.po_number },
  { name: "Customer", show: (row) => row.customer, by: (row) => row.customer },
  { name: "Status", show: (row) => html`<${Badge} words=${ORDER_STATUS} code=${row.status} />`, by: (row) => row.status },
  { name: "Licenses", number: true, show: (row) => row.lines.reduce((sum, line) => sum + line.quantity, 0).toLocaleString(), by: (row) => row.lines.reduce((sum, line) => sum + line.quantity, 0) },
  { name: "Keys claimed", number: true, show: (row) => `${row.lines.filter((line) => line.key_state === "claimed").length} of ${plural(row.lines.length, "key")}` },
  { name: "Mail", show: mailOf },
  { name: "Received", show: (row) => html`<${At} at=${row.received_at} time />`, by: (row) => row.received_at },
  { name: "Completed", show: (row) => html`<${At} at=${row.completed_at} />`, by: (row) => row.completed_at },
];
