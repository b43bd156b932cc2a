// What can be done with a device besides assigning a license.
import { post, preview, put, remove } from "../api.js";
import { At, dateText, plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Dialog, Failure, Field, Footer } from "../ui.js";
import { useWorld } from "../world.js";
import { TargetOrg } from "./move_licenses.js";

const at = (org, device) => `/orgs/${encodeURIComponent(org)}/devices/${encodeURIComponent(device.serial)}`;

/** A dialog that asks, does one thing, and says what was done. `command` answers the text, and where to go. */
function Ask({ title, device, action, danger, disabled, command, onClose, onDone, children }) {
  const { busy, problem, run } = useCommand();
  const submit = async () => {
    const done = await run(command);
    if (done) onDone(...done);
  };
  return html`<${Dialog} title=${title} about=${[device.serial, device.model].join(" · ")} onClose=${onClose} onSubmit=${submit}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action=${action} busy=${busy} danger=${danger} disabled=${disabled} />`}>
    ${children}<${Failure} problem=${problem} />
  </${Dialog}>`;
}

export function Undo({ org, device, undoable, ...given }) {
  const undo = async () => {
    await post(`${at(org, device)}/undo`, { type: undoable.type });
    return [`${undoable.license_model} was taken back and is unassociated again.`];
  };
  return html`<${Ask} title="Undo the latest association" device=${device} action="Take it back" command=${undo} ...${given}>
    <p><span class="strong">${undoable.license_model}</span> will be unassociated again. Days it has burned stay burned.</p>
    <p class="soft">Possible until <${At} at=${undoable.undo_until} time />.</p>
  </${Ask}>`;
}

export function Network({ org, device, ...given }) {
  const [network, setNetwork] = useState(device.network_id ?? "");
  const name = network.trim();
  const change = async () => {
    if (name) await put(`${at(org, device)}/network`, { network_id: name });
    else await remove(`${at(org, device)}/network`);
    return [name ? `${device.serial} is in ${name}.` : `${device.serial} is in no network now.`];
  };
  return html`<${Ask} title="Network" device=${device} action="Save" command=${change} disabled=${name === (device.network_id ?? "")} ...${given}>
    <${Field} label="Network" hint="A license’s term starts when it is associated and its device is in a network. Taking the device out does not pause it. Empty: no network.">
      ${(more) => html`<input ...${more} autofocus value=${network} onInput=${(event) => setNetwork(event.target.value)} />`}
    </${Field}>
  </${Ask}>`;
}

export function Replace({ org, device, ...given }) {
  const [serial, setSerial] = useState("");
  const replace = async () => {
    const next = await post(`${at(org, device)}/replacement`, { new_serial: serial.trim() });
    return [`${next.serial} took the place of ${device.serial}, with its coverage.`, ["orgs", org, "devices", next.serial]];
  };
  return html`<${Ask} title="Replace the device" device=${device} action="Replace" command=${replace} disabled=${!serial.trim()} ...${given}>
    <${Field} label="Serial number of the new device" hint="Of the same category. All that covers the old device goes over to it, to the second.">
      ${(more) => html`<input ...${more} autofocus autocomplete="off" value=${serial} onInput=${(event) => setSerial(event.target.value)} />`}
    </${Field}>
  </${Ask}>`;
}

export function MoveDevice({ org, device, ...given }) {
  const world = useWorld();
  const targets = world.targets(org);
  const [target, setTarget] = useState(targets[0].org_id);
  const move = async () => {
    await post(`/orgs/${encodeURIComponent(org)}/devices/move`, { to_org_id: target, serials: [device.serial] });
    return [`${device.serial} was moved to ${world.orgName(target)}, with its licenses.`, ["orgs", org, "devices"]];
  };
  return html`<${Ask} title="Move to another organization" device=${device} action="Move" command=${move} ...${given}>
    <${TargetOrg} targets=${targets} value=${target} onChange=${setTarget} />
    <p class="soft">Its licenses go with it.</p>
  </${Ask}>`;
}

export function Deregister({ org, device, ...given }) {
  const deregister = async () => {
    const answer = await remove(at(org, device), (await preview(at(org, device), undefined, "DELETE")).plan);
    const kept = answer.parked_licenses ? ` Its ${plural(answer.parked_licenses, "license")} can be restored until ${dateText(answer.parked_until)}.` : "";
    return [`${device.serial} was de-registered.${kept}`, ["orgs", org, "devices"]];
  };
  return html`<${Ask} title="De-register the device" device=${device} action="De-register" danger command=${deregister} ...${given}>
    <p>The device leaves this organization’s inventory. Its licenses are parked for 30 days: registering it here again within that time restores them; after that they are lost.</p>
  </${Ask}>`;
}
