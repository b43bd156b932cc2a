// Assign License: a device and a duration; the service takes the license whose forced activation comes first (D26).
import { post, preview, whole } from "../api.js";
import { dateText, plural, termText } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { Dialog, Empty, Failure, Footer, Loaded } from "../ui.js";
import { say, TYPE } from "../words.js";
import { devicesByEnd, Eligible } from "./eligible.js";

export function AssignLicense({ org, device, onClose, onDone }) {
  const base = `/orgs/${encodeURIComponent(org)}`;
  const offers = useLoad(() => offersFor(base, device), [org, device.serial]);
  const [picked, setPicked] = useState(null);
  const [plan, setPlan] = useState(null);
  const { busy, problem, run, forget } = useCommand();
  const offer = picked ?? offers.data?.[0];
  const body = offer && { serial: device.serial, term_days: offer.term_days, type: offer.type };
  const show = () => run(async () => {
    const answer = await preview(`${base}/associations`, body);
    setPlan({ id: answer.plan, rows: devicesByEnd(answer.associations, [device]) });
  });
  const assign = async () => {
    const done = await run(() => post(`${base}/associations`, body, plan.id));
    if (done) onDone(assignedText(done.associations[0]));
  };
  const back = () => {
    forget();
    setPlan(null);
  };
  const foot = (form) => html`<${Footer} form=${form} onCancel=${plan ? back : onClose} cancel=${plan ? "Back" : "Cancel"}
    action=${plan ? "Confirm" : "Continue"} busy=${busy} disabled=${!offer} />`;
  return html`<${Dialog} title="Assign License" about=${[device.serial, device.model, device.name].filter(Boolean).join(" · ")}
    onClose=${onClose} onSubmit=${plan ? assign : show} footer=${foot}>
    ${plan ? html`<${Eligible} rows=${plan.rows} />` : html`<${Loaded} from=${offers}>${(found) => html`<${Offers} offers=${found} picked=${offer} onPick=${setPicked} />`}</${Loaded}>`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

function Offers({ offers, picked, onPick }) {
  if (offers.length === 0) {
    return html`<${Empty} title="No unassociated license fits this device">Claim a license key for its category first.</${Empty}>`;
  }
  return html`<fieldset class="choices"><legend>Duration</legend>${offers.map((offer) => html`
    <label class="check" key=${`${offer.type}/${offer.term_days}`}>
      <input type="radio" name="duration" checked=${offer === picked} onChange=${() => onPick(offer)} />
      <span><span class="strong">${termText(offer.term_days)}</span> ${say(TYPE, offer.type)}
        <small>${plural(offer.count, "license")} unassociated${offer.earliest ? `, the first activates by force on ${dateText(offer.earliest)}` : ""}</small></span>
    </label>`)}</fieldset>`;
}

/** Durations of which the organization has licenses for this device, with how many. */
async function offersFor(base, device) {
  const tabs = ["pro", ...(device.category === "camera" ? ["ai"] : []), ...(device.category === "gateway" ? ["secupoint"] : [])];
  const lists = await Promise.all(tabs.map((tab) => whole(`${base}/licenses`, { tab, unassociated: true })));
  const wanted = device.series === "lite" ? "pro_lite" : "pro";
  const fits = (row) => row.category === device.category && [wanted, "unlimited_ai", "secupoint"].includes(row.type) && row.state !== "expired";
  const offers = new Map();
  for (const row of lists.flat().filter(fits)) {
    const name = `${row.type}/${row.term_days}`;
    const known = offers.get(name) ?? { type: row.type, term_days: row.term_days, count: 0, earliest: null };
    known.count += 1;
    if (!row.activated && (!known.earliest || row.activation_at < known.earliest)) known.earliest = row.activation_at;
    offers.set(name, known);
  }
  return [...offers.values()].sort((a, b) => a.type.localeCompare(b.type) || a.term_days - b.term_days);
}

const assignedText = (association) =>
  association.ends_at ? `License assigned: ${association.serial} is covered until ${dateText(association.ends_at)}.` : `License assigned to ${association.serial}.`;
