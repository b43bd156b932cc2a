// + Add License: enter keys → what they are → (with Auto Associate: the devices) → claimed.
import { post, preview, whole } from "../api.js";
import { At, plural, termText } from "../dates.js";
import { KeysField, keysIn } from "../keys_field.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Lines } from "../table.js";
import { Dialog, Failure, Footer } from "../ui.js";
import { CATEGORY, say, TYPE } from "../words.js";
import { useWorld } from "../world.js";
import { devicesByEnd, Eligible } from "./eligible.js";

const MOST_KEYS = 25;

export function AddLicense({ org, onClose, onDone }) {
  const world = useWorld();
  const [text, setText] = useState("");
  const [seen, setSeen] = useState(null);
  const [auto, setAuto] = useState(false);
  const [plan, setPlan] = useState(null);
  const { busy, problem, run, forget } = useCommand();
  const path = `/orgs/${encodeURIComponent(org)}/claims`;
  const keys = keysIn(text);
  const body = { license_keys: (seen ?? []).filter((each) => claimable(each)).map((each) => each.key), auto_associate: auto };

  const look = () => run(async () => setSeen(await previews(keys.slice(0, MOST_KEYS))));
  const show = () => run(async () => {
    const [answer, devices] = await Promise.all([preview(path, body), whole(`/orgs/${encodeURIComponent(org)}/devices`)]);
    const associations = answer.claims.flatMap((claim) => claim.associations);
    setPlan({ id: answer.plan, rows: devicesByEnd(associations, devices) });
  });
  const claim = async () => {
    const done = await run(() => post(path, body, plan?.id));
    if (done) onDone(claimedText(done.claims, world.orgName(org)));
  };
  const back = () => {
    forget();
    if (plan) setPlan(null);
    else setSeen(null);
  };

  if (!seen) {
    return html`<${Dialog} title="Add License" about="Enter the license key from the order’s mail." onClose=${onClose} onSubmit=${look}
      footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action="Continue" busy=${busy} disabled=${keys.length === 0} />`}>
      <${KeysField} text=${text} onText=${setText} />
      ${keys.length > MOST_KEYS && html`<p class="warn">The first ${MOST_KEYS} keys are taken; add the others afterwards.</p>`}
      <${Failure} problem=${problem} />
    </${Dialog}>`;
  }
  if (plan) {
    return html`<${Dialog} wide title="Devices to associate" about="Earliest license expiration first." onClose=${onClose} onSubmit=${claim}
      footer=${(form) => html`<${Footer} form=${form} onCancel=${back} cancel="Back" action="Confirm" busy=${busy} />`}>
      <${Eligible} rows=${plan.rows} />
      <${Failure} problem=${problem} />
    </${Dialog}>`;
  }
  return html`<${Dialog} wide title="License information" onClose=${onClose} onSubmit=${auto ? show : claim}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${back} cancel="Back" action="+ Add License" busy=${busy} disabled=${body.license_keys.length === 0} />`}>
    <${Final} name=${world.orgName(org)} />
    <${KeyLines} seen=${seen} org=${org} />
    ${seen.some((each) => claimable(each) && each.scope === "device") && html`<label class="check">
      <input type="checkbox" role="switch" checked=${auto} onChange=${(event) => setAuto(event.target.checked)} />
      <span><span class="strong">Auto Associate</span>
        <small>Associate the licenses with matching devices of this organization. You see the list before anything is done.</small></span>
    </label>`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

const claimable = (each) => each.claimable && each.portal === "organization";

/** Each key looked at by itself, so that a bad one does not hide the others. */
async function previews(keys) {
  const seen = [];
  for (const key of keys) {
    try {
      seen.push({ key, ...(await post("/license-keys/preview", { license_key: key })) });
    } catch (problem) {
      if (!["malformed_key", "unknown_key", "key_voided", "invalid_request"].includes(problem.code) || keys.length === 1) throw problem;
      seen.push({ key, claimable: false, why: `${problem.detail} ${problem.remedy}` });
    }
  }
  return seen;
}

const Final = ({ name }) => html`<div class="notice warn">
  <strong>These licenses will belong to ${name}.</strong>
  A claim is final: it can’t be undone, and the key can’t be entered anywhere else. Licenses can still be moved to another organization later.
</div>`;

const REASON = {
  already_claimed: "This key was claimed already.",
  wrong_portal: "This key belongs in the MSP portal.",
  key_voided: "This key was replaced; use the newer one from the mail.",
  license_expired: "Its licenses have run out.",
};

function standing(each) {
  if (each.why) return html`<span class="bad">${each.why}</span>`;
  if (each.portal === "msp") return html`<span class="bad">This is an MSP license: claim it in the MSP portal.</span>`;
  if (!each.claimable) return html`<span class="bad">${REASON[each.reason] ?? each.reason}</span>`;
  return each.forced_activation_at ? html`<${At} at=${each.forced_activation_at} />` : html`<span>at once</span>`;
}

function KeyLines({ seen }) {
  return html`<div class="inset"><${Lines} caption="Licenses in these keys" rows=${seen} id=${(each) => each.key} columns=${[
    { name: "Key", show: (each) => html`<code>${each.key_fingerprint ?? each.key.slice(0, 5)}</code>` },
    { name: "License", show: (each) => each.license_model && html`<span class="strong">${each.license_model}</span>
      <small>${[each.category && say(CATEGORY, each.category), say(TYPE, each.type)].filter(Boolean).join(", ")}</small>` },
    { name: "Quantity", number: true, show: (each) => each.quantity?.toLocaleString() },
    { name: "Duration", show: (each) => each.license_model && termText(each.term_days) },
    { name: "Issued", show: (each) => html`<${At} at=${each.issued_at} />` },
    { name: "Forced activation", show: standing },
  ]} /></div>`;
}

function claimedText(claims, name) {
  const total = claims.reduce((sum, claim) => sum + (claim.outcome === "claimed" ? claim.quantity : 0), 0);
  const bound = claims.reduce((sum, claim) => sum + claim.associations.length, 0);
  if (total === 0) return `Nothing changed: ${name} has these licenses already.`;
  return `${plural(total, "license")} added to ${name}${bound ? `, ${bound} associated with devices` : ""}.`;
}
