// Moving unassociated licenses to another organization of the same admin.
import { post, preview } from "../api.js";
import { plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Dialog, Failure, Field, Footer } from "../ui.js";
import { useWorld } from "../world.js";

export function MoveLicenses({ org, licenses, onClose, onDone }) {
  const world = useWorld();
  const targets = world.targets(org);
  const [target, setTarget] = useState(targets[0].org_id);
  const { busy, problem, run } = useCommand();
  const path = `/orgs/${encodeURIComponent(org)}/licenses/move`;
  const body = { to_org_id: target, license_ids: licenses.map((one) => one.license_id) };
  const move = async () => {
    const done = await run(async () => post(path, body, (await preview(path, body)).plan));
    if (done) onDone(`${plural(done.moved, "license")} moved to ${world.orgName(target)}.`);
  };
  return html`<${Dialog} title="Move licenses" about="${plural(licenses.length, "license")} of ${world.orgName(org)}" onClose=${onClose} onSubmit=${move}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action="Move" busy=${busy} />`}>
    <${TargetOrg} targets=${targets} value=${target} onChange=${setTarget} />
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

export const TargetOrg = ({ targets, value, onChange }) => html`<${Field} label="To organization">
  ${(given) => html`<select ...${given} value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${targets.map((org) => html`<option key=${org.org_id} value=${org.org_id} selected=${org.org_id === value}>${org.name}</option>`)}
  </select>`}
</${Field}>`;
