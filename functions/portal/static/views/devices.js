// Organization > Inventory & License > Devices.
import { list, whole } from "../api.js";
import { AsOf, AsOfPicker, asOfInstant } from "../as_of.js";
import { save, toCsv } from "../csv.js";
import { At, plural, TimeLeft } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { link, refine } from "../router.js";
import { Table } from "../table.js";
import { Badge, Card, Empty, Failure, Loaded, PageHead, Select, toast } from "../ui.js";
import { CATEGORY, DEVICE_STATE, say } from "../words.js";
import { useWorld } from "../world.js";
import { AssignLicense } from "./assign_license.js";
import { CoTerm } from "./co_term.js";
import { RegisterDevices } from "./register_devices.js";

const FIELDS = [
  "serial", "mac", "model", "category", "series", "name", "network_id", "registered_at", "license_state", "expires_at",
  "managed", "vpn_seats", "shared_seats",
];
const STATUS = [["", "Any status"], ["true", "Expired"], ["false", "Not expired"]];
const SOON = [["", "Any end date"], ["30", "Ends in 30 days"], ["60", "Ends in 60 days"], ["365", "Ends in a year"]];

export function Devices({ org, query }) {
  const world = useWorld();
  const asOf = asOfInstant(query);
  const [open, setOpen] = useState(null);
  const [chosen, setChosen] = useState(new Set());
  const path = `/orgs/${encodeURIComponent(org)}/devices`;
  const asked = { category: query.category, expired: query.expired, expiring_days: query.within, as_of: asOf };
  const devices = useLoad(() => list(path, asked, 5000), [org, ...Object.values(asked)]);
  const writes = world.changes(org) && !asOf;
  const done = (said) => {
    setOpen(null);
    setChosen(new Set());
    devices.reload();
    if (said) toast(said);
  };
  const all = devices.data?.items ?? [];
  const rows = matching(all, query);
  const picked = rows.filter((row) => chosen.has(row.serial));
  const dialog = { org, onClose: () => setOpen(null), onDone: done };
  return html`
    <${PageHead} crumbs=${[world.orgName(org), "Inventory & License"]} title="Devices">
      <${AsOfPicker} query=${query} />
      ${writes && html`<button class="button primary" onClick=${() => setOpen({ what: "register" })}>Register devices</button>`}
    </${PageHead}>
    <${AsOf} asOf=${asOf} />
    <${Card} plain label="Devices">
      <${Filters} query=${query} path=${path} asked=${asked} networks=${networksOf(all)} />
      ${picked.length > 0 && html`<div class="chosen" role="group" aria-label="Selected devices">
        <strong>${plural(picked.length, "device")} selected</strong>
        <button class="button small" onClick=${() => setOpen({ what: "co-term" })}>Co-terminate</button>
        <button class="button small plain" onClick=${() => setChosen(new Set())}>Clear</button>
      </div>`}
      <${Loaded} from=${devices}>${(data) => html`
        ${data.cursor && html`<p class="notice">The first ${plural(data.items.length, "device")} are shown; narrow the list down, or export all of it.</p>`}
        <${Table} caption="Devices" columns=${columnsOf(org, asOf, writes && ((row) => setOpen({ what: "assign", device: row })))}
          rows=${rows} id=${(row) => row.serial} sort=${{ name: "License ends", down: false }}
          chosen=${writes ? chosen : undefined} onChoose=${setChosen} empty=${html`<${Nothing} any=${all.length > 0} query=${query} />`} />`}
      </${Loaded}>
    </${Card}>
    ${open?.what === "register" && html`<${RegisterDevices} ...${dialog} />`}
    ${open?.what === "assign" && html`<${AssignLicense} ...${dialog} device=${open.device} />`}
    ${open?.what === "co-term" && html`<${CoTerm} ...${dialog} serials=${picked.map((row) => row.serial)} />`}`;
}

const networksOf = (rows) => [...new Set(rows.map((row) => row.network_id).filter(Boolean))].sort();

function matching(rows, { search = "", network }) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (row) => [row.serial, row.mac, row.model, row.name, row.network_id].join(" ").toLowerCase();
  return rows.filter((row) => (!network || (row.network_id ?? "-") === network) && words.every((word) => text(row).includes(word)));
}

function Filters({ query, path, asked, networks }) {
  const { busy, problem, run } = useCommand();
  const exported = () => run(async () => save("devices.csv", toCsv(FIELDS, await whole(path, asked))));
  const inNetwork = [["", "Any network"], ["-", "In no network"], ...networks.map((network) => [network, network])];
  return html`<div class="filters" role="search" aria-label="Filter devices">
    <label class="search"><span class="unseen">Search serial, MAC, model or name</span>
      <input type="search" placeholder="Search serial, MAC, model or name" value=${query.search ?? ""} onInput=${(event) => refine({ search: event.target.value })} /></label>
    <${Select} label="Category" value=${query.category} options=${[["", "Any category"], ...Object.entries(CATEGORY).slice(0, 7)]} onChange=${(category) => refine({ category })} />
    <${Select} label="Status" value=${query.expired} options=${STATUS} onChange=${(expired) => refine({ expired })} />
    <${Select} label="End date" value=${query.within} options=${SOON} onChange=${(within) => refine({ within })} />
    <${Select} label="Network" value=${query.network} options=${inNetwork} onChange=${(network) => refine({ network })} />
    <button class="button push" disabled=${busy} onClick=${exported}>${busy ? "Exporting…" : "Export CSV"}</button>
    <${Failure} problem=${problem} />
  </div>`;
}

const columnsOf = (org, asOf, assign) => {
  const now = asOf ? Date.parse(asOf) : Date.now();
  return [
    { name: "Device", show: (row) => html`<a class="strong nowrap" href=${link(["orgs", org, "devices", row.serial])}>${row.serial}</a>${row.name && html`<small>${row.name}</small>`}`, by: (row) => row.serial },
    { name: "Model", show: (row) => html`<span class="nowrap">${row.model}</span><small>${say(CATEGORY, row.category)}${row.series === "lite" ? ", Lite" : ""}</small>`, by: (row) => row.model },
    { name: "Status", show: (row) => html`<${Badge} words=${DEVICE_STATE} code=${row.license_state} />`, by: (row) => row.license_state },
    { name: "Network", show: (row) => row.network_id ?? html`<span class="faint">none</span>`, by: (row) => row.network_id },
    { name: "License ends", show: (row) => html`<${At} at=${row.expires_at} />`, by: (row) => row.expires_at },
    { name: "Time left", show: (row) => html`<${TimeLeft} at=${row.expires_at} now=${now} />`, by: (row) => row.expires_at },
    { name: "VPN seats", number: true, show: (row) => row.vpn_seats ?? html`<span class="faint">–</span>`, by: (row) => row.vpn_seats },
    ...(assign ? [{ name: "Actions", end: true, show: (row) => html`<button class="button small" aria-label="Assign License to ${row.serial}" onClick=${() => assign(row)}>Assign License</button>` }] : []),
  ];
};

function Nothing({ any, query }) {
  return any || query.category || query.expired || query.within
    ? html`<${Empty} title="No device fits these filters">Take a filter away to see more.</${Empty}>`
    : html`<${Empty} title="No devices yet">Register the devices of this organization to assign licenses to them.</${Empty}>`;
}
