// "Transfer all": the whole balance of shared AI tokens to another organization (D14).
import { post } from "../api.js";
import { plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Dialog, Failure, Footer } from "../ui.js";
import { useWorld } from "../world.js";
import { TargetOrg } from "./move_licenses.js";

export function TransferTokens({ org, tokens, onClose, onDone }) {
  const world = useWorld();
  const targets = world.targets(org);
  const [target, setTarget] = useState(targets[0].org_id);
  const { busy, problem, run } = useCommand();
  const transfer = async () => {
    const done = await run(() => post(`/orgs/${encodeURIComponent(org)}/ai-tokens/transfer`, { to_org_id: target }));
    if (done) onDone(`${plural(done.transferred, "AI token")} transferred to ${world.orgName(target)}.`);
  };
  return html`<${Dialog} title="Transfer all AI tokens" about="${plural(tokens, "token")} of ${world.orgName(org)}" onClose=${onClose} onSubmit=${transfer}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action="Transfer all" busy=${busy} />`}>
    <${TargetOrg} targets=${targets} value=${target} onChange=${setTarget} />
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}
