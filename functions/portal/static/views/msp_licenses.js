// MSP Portal > Inventory & License > Licenses: the keys that make its validity.
import { get } from "../api.js";
import { At, plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useLoad } from "../loading.js";
import { Table } from "../table.js";
import { Card, Empty, Loaded, PageHead, toast } from "../ui.js";
import { useWorld } from "../world.js";
import { AddMspLicense } from "./add_msp_license.js";
import { Standing } from "./msp.js";
import { Validity } from "./validity.js";

export function MspLicenses({ msp }) {
  const world = useWorld();
  const [open, setOpen] = useState(false);
  const portal = useLoad(() => get(`/msps/${encodeURIComponent(msp)}`), [msp]);
  const done = (said) => {
    setOpen(false);
    portal.reload();
    toast(said);
  };
  return html`
    <${PageHead} crumbs=${[["MSP Portal", ["msps", msp]], "Inventory & License"]} title="Licenses" about=${world.mspName(msp)}>
      ${world.claimsMsp(msp) && html`<button class="button primary" onClick=${() => setOpen(true)}>+ Add License</button>`}
    </${PageHead}>
    <${Loaded} from=${portal}>${(seen) => html`
      <${Card} title="Validity" action=${seen.valid_until && html`<${Standing} portal=${seen} />`}><${Validity} portal=${seen} /></${Card}>
      <${Card} plain label="Licenses"><${Table} caption="MSP licenses" rows=${seen.licenses} id=${(row) => row.key_fingerprint + row.claimed_at} sort=${{ name: "From" }} columns=${COLUMNS}
        empty=${html`<${Empty} title="No MSP license yet">The first one starts the portal’s validity.</${Empty}>`} /></${Card}>`}
    </${Loaded}>
    ${open && html`<${AddMspLicense} msp=${msp} portal=${portal.data} onClose=${() => setOpen(false)} onDone=${done} />`}`;
}

const COLUMNS = [
  { name: "Model", show: (row) => html`<span class="strong nowrap">${row.license_model}</span>`, by: (row) => row.license_model },
  { name: "Quantity", number: true, show: (row) => plural(row.quantity, "license"), by: (row) => row.quantity },
  { name: "Claimed", show: (row) => html`<${At} at=${row.claimed_at} time />`, by: (row) => row.claimed_at },
  { name: "From", show: (row) => html`<${At} at=${row.from} />`, by: (row) => row.from },
  { name: "Until", show: (row) => html`<${At} at=${row.until} />`, by: (row) => row.until },
  { name: "Key", show: (row) => html`<code>${row.key_fingerprint}</code>` },
];
