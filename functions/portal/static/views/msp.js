// MSP Portal: its validity, claiming a key, and the organizations it looks after.
import { get, whole } from "../api.js";
import { At, left, plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useLoad } from "../loading.js";
import { link } from "../router.js";
import { Table } from "../table.js";
import { Badge, Card, Empty, Loaded, PageHead, toast } from "../ui.js";
import { useWorld } from "../world.js";
import { AddMspLicense } from "./add_msp_license.js";
import { Validity } from "./validity.js";

export function MspPortal({ msp }) {
  const world = useWorld();
  const [open, setOpen] = useState(false);
  const portal = useLoad(() => get(`/msps/${encodeURIComponent(msp)}`), [msp]);
  const done = (said) => {
    setOpen(false);
    portal.reload();
    toast(said);
  };
  return html`
    <${PageHead} crumbs=${["MSP Portal"]} title=${world.mspName(msp)}>
      ${world.claimsMsp(msp) && html`<button class="button primary" onClick=${() => setOpen(true)}>+ Add MSP License</button>`}
    </${PageHead}>
    <${Loaded} from=${portal}>${(seen) => html`<${Card} title="Validity" action=${seen.valid_until && html`<${Standing} portal=${seen} />`}>
      <${Validity} portal=${seen} />
    </${Card}>`}</${Loaded}>
    <${Card} plain title="Organizations"><${OrgsTable} key=${msp} msp=${msp} /></${Card}>
    ${open && html`<${AddMspLicense} msp=${msp} portal=${portal.data} onClose=${() => setOpen(false)} onDone=${done} />`}`;
}

const VALID = { true: ["Valid", "good"], false: ["Lapsed", "bad"] };

export const Standing = ({ portal }) => html`<span><${Badge} words=${VALID} code=${String(portal.valid)} />${" "}
  <span class="soft">${portal.valid ? html`until <${At} at=${portal.valid_until} /> · ${left(portal.valid_until)} left` : html`since <${At} at=${portal.valid_until} />`}</span></span>`;

/** Each organization with its counters, some dozens a call. */
function OrgsTable({ msp }) {
  const counted = useLoad(async () => (await whole(`/msps/${encodeURIComponent(msp)}/overviews`)).map(totals), [msp]);
  return html`<${Loaded} from=${counted}>${(rows) => html`<${Table} caption="Organizations of this MSP" rows=${rows} id=${(row) => row.org_id}
    sort=${{ name: "Organization" }} columns=${COLUMNS}
    empty=${html`<${Empty} title="No organizations yet">An operator puts organizations under this MSP.</${Empty}>`} />`}</${Loaded}>`;
}

const totals = (overview) => ({
  ...overview,
  total: overview.by_model.reduce((sum, model) => sum + model.total, 0),
  unassociated: overview.by_model.reduce((sum, model) => sum + model.unassociated, 0),
});

const COLUMNS = [
  { name: "Organization", show: (row) => html`<a class="strong" href=${link(["orgs", row.org_id, "licenses"])}>${row.name}</a>`, by: (row) => row.name },
  { name: "Licenses", number: true, show: (row) => row.total.toLocaleString(), by: (row) => row.total },
  { name: "Unassociated", number: true, show: (row) => row.unassociated.toLocaleString(), by: (row) => row.unassociated },
  { name: "Next forced activation", show: (row) => html`<${At} at=${row.next_forced_activation?.at} />${row.next_forced_activation && html`<small>${plural(row.next_forced_activation.count, "license")}</small>`}`, by: (row) => row.next_forced_activation?.at },
  { name: "Earliest expiry", show: (row) => html`<${At} at=${row.earliest_expiry} />`, by: (row) => row.earliest_expiry },
  { name: "Expired devices", number: true, show: (row) => html`<span class=${row.expired_devices ? "bad" : ""}>${row.expired_devices}</span>`, by: (row) => row.expired_devices },
  { name: "Expiring in 30 days", number: true, show: (row) => html`<span class=${row.expiring_devices_30d ? "warn" : ""}>${row.expiring_devices_30d}</span>`, by: (row) => row.expiring_devices_30d },
];
