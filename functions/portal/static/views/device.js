// One device: what covers it, since when, who paid; and what can be done with it.
import { get } from "../api.js";
import { AsOf, AsOfPicker, asOfInstant } from "../as_of.js";
import { At, left } from "../dates.js";
import { html, useState } from "../lib.js";
import { useLoad } from "../loading.js";
import { go } from "../router.js";
import { Badge, Card, Loaded, PageHead, toast } from "../ui.js";
import { CATEGORY, DEVICE_STATE, say } from "../words.js";
import { useWorld } from "../world.js";
import { AssignLicense } from "./assign_license.js";
import { CoTerm } from "./co_term.js";
import { Deregister, MoveDevice, Network, Replace, Undo } from "./device_actions.js";
import { Timeline } from "./timeline.js";

const DIALOGS = { assign: AssignLicense, undo: Undo, network: Network, replace: Replace, move: MoveDevice, deregister: Deregister };

export function Device({ org, serial, query }) {
  const world = useWorld();
  const asOf = asOfInstant(query);
  const [open, setOpen] = useState(null);
  const base = `/orgs/${encodeURIComponent(org)}`;
  const path = `${base}/devices/${encodeURIComponent(serial)}`;
  const seen = useLoad(async () => {
    const [device, timeline, licenses, models] = await Promise.all([
      get(path, { as_of: asOf }),
      get(`${path}/timeline`, { as_of: asOf }),
      get(`${base}/licenses`, { serial, as_of: asOf }),
      get("/license-models"),
    ]);
    const bySku = new Map(models.items.map((model) => [model.sku, model]));
    return { device, stretches: timeline.stretches, licenses: licenses.items, models: bySku };
  }, [org, serial, asOf]);
  const done = (said, next) => {
    setOpen(null);
    toast(said);
    if (next) go(next);
    else seen.reload();
  };
  const writes = world.changes(org) && !asOf;
  const data = seen.data;
  const Open = DIALOGS[open];
  const undoable = data ? latest(data.licenses) : null;
  const dialog = data && { org, device: data.device, undoable, onClose: () => setOpen(null), onDone: done };
  const action = (what, text, primary) => html`<button class="button ${primary ? "primary" : ""}" onClick=${() => setOpen(what)}>${text}</button>`;
  return html`
    <${PageHead} crumbs=${[world.orgName(org), "Inventory & License", ["Devices", ["orgs", org, "devices"]]]} title=${serial}
      about=${data && [data.device.model, say(CATEGORY, data.device.category), data.device.name].filter(Boolean).join(" · ")}>
      <${AsOfPicker} query=${query} />
      ${writes && data && html`
        ${undoable && action("undo", "Undo")}
        ${action("co-term", "Co-terminate")}
        ${action("assign", "Assign License", true)}`}
    </${PageHead}>
    <${AsOf} asOf=${asOf} />
    <${Loaded} from=${seen}>${({ device, stretches, models }) => html`
      ${undoable && html`<p class="notice info"><strong>${undoable.license_model} was associated ${html`<${At} at=${undoable.associated_at} time />`}.</strong>
        It can be taken back until ${html`<${At} at=${undoable.undo_until} time />`} (${left(undoable.undo_until)} left).</p>`}
      <${Card} title="Timeline"><${Timeline} stretches=${stretches} models=${models} now=${asOf} /></${Card}>
      <div class="columns">
        <${Card} title="Details"><${Details} device=${device} /></${Card}>
        ${writes && html`<${Card} title="More actions"><div class="buttons">
          ${action("network", device.network_id ? "Change network" : "Put into a network")}
          ${action("replace", "Replace")}
          ${world.targets(org).length > 0 && action("move", "Move to another organization")}
          <button class="button danger" onClick=${() => setOpen("deregister")}>De-register</button>
        </div></${Card}>`}
      </div>`}
    </${Loaded}>
    ${Open && html`<${Open} ...${dialog} />`}
    ${open === "co-term" && html`<${CoTerm} org=${org} serials=${[serial]} onClose=${() => setOpen(null)} onDone=${done} />`}`;
}

/** The association that can still be taken back: the last one made, if its time has not run out. */
function latest(licenses) {
  const bound = licenses.filter((row) => row.associated_at).sort((a, b) => b.associated_at.localeCompare(a.associated_at));
  return bound[0]?.undo_until && new Date(bound[0].undo_until) > new Date() ? bound[0] : null;
}

function Details({ device }) {
  return html`<dl class="facts">
    <dt>Status</dt><dd><${Badge} words=${DEVICE_STATE} code=${device.license_state} /></dd>
    <dt>License ends</dt><dd><${At} at=${device.expires_at} time /> ${device.expires_at && html`<span class="faint">${left(device.expires_at)}</span>`}</dd>
    <dt>Managed</dt><dd>${device.managed ? "Yes" : "No: it keeps running, but can’t be managed"}</dd>
    <dt>Network</dt><dd>${device.network_id ?? "None"}</dd>
    ${device.vpn_seats !== null && html`<dt>VPN seats</dt><dd>${device.vpn_seats}${device.shared_seats ? `, and ${device.shared_seats} shared with other gateways` : ""}</dd>`}
    <dt>MAC address</dt><dd><code>${device.mac ?? "–"}</code></dd>
    <dt>Series</dt><dd>${device.series === "lite" ? "Lite" : "Standard"}</dd>
    <dt>Registered</dt><dd><${At} at=${device.registered_at} time /></dd>
  </dl>`;
}
