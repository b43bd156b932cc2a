// Organization > Inventory & License > Licenses.
import { get, list, whole } from "../api.js";
import { save, toCsv } from "../csv.js";
import { At, daysUntil, left, plural, termText, TimeLeft } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { link, refine } from "../router.js";
import { AsOf, AsOfPicker, asOfInstant } from "../as_of.js";
import { Table } from "../table.js";
import { Badge, Card, Counters, Empty, Failure, Loaded, PageHead, Select, Tabs, toast } from "../ui.js";
import { typesKnown } from "../license_types.js";
import { LICENSE_STATE, say, TABS, TYPE } from "../words.js";
import { useWorld } from "../world.js";
import { AddLicense } from "./add_license.js";
import { AssociateLicenses } from "./associate.js";
import { MoveLicenses } from "./move_licenses.js";
import { TransferTokens } from "./transfer_tokens.js";

const FIELDS = [
  "license_id", "state", "license_model", "category", "type", "term_days", "issued_at", "activation_at", "activated",
  "expires_at", "serial", "associated_at", "undo_until", "key_fingerprint",
];
const BOUND = [["", "Any device"], ["true", "Not associated"], ["false", "Associated"]];

export function Licenses({ org, query }) {
  const world = useWorld();
  const tab = query.tab in TABS ? query.tab : "pro";
  const asOf = asOfInstant(query);
  const [open, setOpen] = useState(null);
  const [chosen, setChosen] = useState(new Set());
  const path = `/orgs/${encodeURIComponent(org)}/licenses`;
  const asked = { tab, state: query.state, license_model: query.model, unassociated: query.unassociated, as_of: asOf };
  const overview = useLoad(async () => (await Promise.all([get(`${path}/overview`, { as_of: asOf }), typesKnown()]))[0], [org, asOf]);
  const licenses = useLicenses(path, asked);
  const writes = world.changes(org) && !asOf;
  const refresh = (said) => {
    setOpen(null);
    setChosen(new Set());
    overview.reload();
    licenses.reload();
    if (said) toast(said);
  };
  const rows = matching(licenses.data?.items ?? [], query.search);
  const picked = rows.filter((row) => chosen.has(row.license_id));
  const dialog = { org, onClose: () => setOpen(null), onDone: refresh };
  return html`
    <${PageHead} crumbs=${[world.orgName(org), "Inventory & License"]} title="Licenses">
      <${AsOfPicker} query=${query} />
      ${world.claims(org) && !asOf && html`<button class="button primary" onClick=${() => setOpen("add")}>+ Add License</button>`}
    </${PageHead}>
    <${AsOf} asOf=${asOf} />
    <${Overview} from=${overview} />
    <${Card} plain label="Licenses">
      <${Tabs} label="License kinds" tabs=${TABS} current=${tab} to=${(code) => link(["orgs", org, "licenses"], { tab: code, as_of: query.as_of })} />
      <${Filters} query=${query} overview=${overview.data} path=${path} asked=${asked} />
      ${tab === "ai" && writes && overview.data?.ai_tokens > 0 && world.targets(org).length > 0 && html`<div class="chosen">
        <span>This organization holds ${plural(overview.data.ai_tokens, "shared AI token")}.</span>
        <button class="button small" onClick=${() => setOpen("tokens")}>Transfer all</button></div>`}
      ${picked.length > 0 && html`<div class="chosen" role="group" aria-label="Selected licenses">
        <strong>${plural(picked.length, "license")} selected</strong>
        ${tab !== "co_term" && html`<button class="button small" onClick=${() => setOpen("associate")}>Associate to Device</button>`}
        ${world.targets(org).length > 0 && html`<button class="button small" onClick=${() => setOpen("move")}>Move to another organization</button>`}
        <button class="button small plain" onClick=${() => setChosen(new Set())}>Clear</button>
      </div>`}
      <${Loaded} from=${licenses}>${({ more }) => html`
        <${Failure} problem=${licenses.moreProblem} />
        <${Table} caption="${TABS[tab]} licenses" key=${tab} columns=${columnsOf(org, asOf)} rows=${rows} id=${(row) => row.license_id}
          sort=${{ name: "Issued", down: true }} more=${more}
          chosen=${writes ? chosen : undefined} onChoose=${setChosen} choosable=${(row) => !row.serial && row.state !== "expired"}
          empty=${html`<${Nothing} query=${query} />`} />`}
      </${Loaded}>
    </${Card}>
    ${open === "add" && html`<${AddLicense} ...${dialog} />`}
    ${open === "associate" && html`<${AssociateLicenses} ...${dialog} licenses=${picked} />`}
    ${open === "move" && html`<${MoveLicenses} ...${dialog} licenses=${picked} />`}
    ${open === "tokens" && html`<${TransferTokens} ...${dialog} tokens=${overview.data.ai_tokens} />`}`;
}

/** The first thousand, and the rest when asked for. */
function useLicenses(path, asked) {
  const [further, setFurther] = useState({ items: [] });
  const first = useLoad(async () => {
    setFurther({ items: [] });
    return list(path, asked);
  }, [path, ...Object.values(asked)]);
  const { problem, run } = useCommand();
  if (!first.data) return first;
  const cursor = further.items.length ? further.cursor : first.data.cursor;
  const more = async () => {
    const next = await run(() => list(path, asked, 1000, cursor));
    if (next) setFurther({ items: [...further.items, ...next.items], cursor: next.cursor });
  };
  const data = { items: [...first.data.items, ...further.items], more: cursor ? more : null };
  return { ...first, data, moreProblem: problem };
}

function matching(rows, search = "") {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (row) => [row.license_model, row.serial, row.key_fingerprint, row.license_id].join(" ").toLowerCase();
  return words.length ? rows.filter((row) => words.every((word) => text(row).includes(word))) : rows;
}

function Overview({ from }) {
  return html`<${Loaded} from=${from}>${(seen) => {
    const next = seen.next_forced_activation;
    const sum = (name) => seen.by_model.reduce((total, model) => total + model[name], 0);
    const soon = seen.expiring_devices_30d;
    return html`<${Counters} label="Counters" entries=${[
      { name: "Unassociated", value: sum("unassociated").toLocaleString(), note: `of ${plural(sum("total"), "license")}` },
      { name: "Next forced activation", value: next ? left(next.at) : "–",
        note: next && html`<${At} at=${next.at} /> · ${plural(next.count, "license")}`, tone: next && daysUntil(next.at) < 14 ? "warn" : "" },
      { name: "Earliest expiry", value: html`<${At} at=${seen.earliest_expiry} />`, note: seen.earliest_expiry && left(seen.earliest_expiry) },
      { name: "Expired devices", value: seen.expired_devices, tone: seen.expired_devices ? "bad" : "", note: seen.expired_devices ? "not managed" : "" },
      { name: "Expiring in 30 days", value: soon, tone: soon ? "warn" : "", note: "devices" },
      { name: "AI tokens", value: seen.ai_tokens.toLocaleString(), note: "shared, perpetual" },
    ]} />`;
  }}</${Loaded}>`;
}

function Filters({ query, overview, path, asked }) {
  const models = (overview?.by_model ?? []).map((model) => [model.license_model, model.license_model]);
  const states = Object.entries(LICENSE_STATE).map(([code, [label]]) => [code, label]);
  const { busy, problem, run } = useCommand();
  const exported = () => run(async () => save(`licenses-${asked.tab}.csv`, toCsv(FIELDS, await whole(path, asked))));
  return html`<div class="filters" role="search" aria-label="Filter licenses">
    <label class="search"><span class="unseen">Search model, device or key</span>
      <input type="search" placeholder="Search model, device or key" value=${query.search ?? ""} onInput=${(event) => refine({ search: event.target.value })} /></label>
    <${Select} label="Status" value=${query.state} options=${[["", "Any status"], ...states]} onChange=${(state) => refine({ state })} />
    <${Select} label="Model" value=${query.model} options=${[["", "Any model"], ...models]} onChange=${(model) => refine({ model })} />
    <${Select} label="Association" value=${query.unassociated} options=${BOUND} onChange=${(unassociated) => refine({ unassociated })} />
    <button class="button push" disabled=${busy} onClick=${exported}>${busy ? "Exporting…" : "Export CSV"}</button>
    <${Failure} problem=${problem} />
  </div>`;
}

const columnsOf = (org, asOf) => {
  const now = asOf ? Date.parse(asOf) : Date.now();
  return [
    { name: "Status", show: (row) => html`<${Badge} words=${LICENSE_STATE} code=${row.state} />`, by: (row) => row.state },
    { name: "Model", show: (row) => html`<span class="strong nowrap">${row.license_model}</span><small>${say(TYPE, row.type)}</small>`, by: (row) => row.license_model },
    { name: "Activation", show: (row) => html`<${At} at=${row.activation_at} />${row.activation_at && !row.activated && html`<small>${row.serial ? "starts in" : "forced in"} ${left(row.activation_at, now)}</small>`}`, by: (row) => row.activation_at },
    { name: "Issued", show: (row) => html`<${At} at=${row.issued_at} />`, by: (row) => row.issued_at },
    { name: "Duration", show: (row) => html`<span class="nowrap">${termText(row.term_days)}</span>`, by: (row) => row.term_days },
    { name: "Time left", show: (row) => html`<${TimeLeft} at=${row.expires_at} now=${now} />`, by: (row) => row.expires_at },
    { name: "Device", show: (row) => (row.serial ? html`<a href=${link(["orgs", org, "devices", row.serial])}>${row.serial}</a>` : html`<span class="faint">not associated</span>`), by: (row) => row.serial },
    { name: "Key", show: (row) => html`<code>${row.key_fingerprint}</code>`, by: (row) => row.key_fingerprint },
  ];
};

function Nothing({ query }) {
  const filtered = query.state || query.model || query.unassociated || query.search;
  return filtered
    ? html`<${Empty} title="No license fits these filters">Take a filter away to see more.</${Empty}>`
    : html`<${Empty} title="No licenses of this kind yet">Claim the license key from the order’s mail with “+ Add License”.</${Empty}>`;
}
