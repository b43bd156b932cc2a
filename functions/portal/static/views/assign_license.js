// Assign License: a device and an offer, told by what is left of it (D26).
import { get, post, preview } from "../api.js";
import { dateText, plural, termText } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { Dialog, Empty, Failure, Footer, Loaded } from "../ui.js";
import { say, TYPE } from "../words.js";
import { devicesByEnd, Eligible } from "./eligible.js";

export function AssignLicense({ org, device, onClose, onDone }) {
  const base = `/orgs/${encodeURIComponent(org)}`;
  const offers = useLoad(async () => (await get(`${base}/devices/${encodeURIComponent(device.serial)}/offers`)).offers, [org, device.serial]);
  const [picked, setPicked] = useState(null);
  const [plan, setPlan] = useState(null);
  const { busy, problem, run, forget } = useCommand();
  const offer = picked ?? offers.data?.[0];
  const body = offer && { pairs: [{ license_id: offer.license_id, serial: device.serial }] };
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
    <label class="check" key=${offer.license_id}>
      <input type="radio" name="duration" checked=${offer === picked} onChange=${() => onPick(offer)} />
      <span><span class="strong">${leftText(offer)}</span> ${say(TYPE, offer.type)}
        <small>${plural(offer.count, "license")} unassociated; the device would be covered until ${dateText(offer.device_end_after)}</small></span>
    </label>`)}</fieldset>`;
}

/** "1 year", or what is left of one. */
const leftText = (offer) =>
  offer.days_left === offer.term_days ? termText(offer.term_days) : `${plural(offer.days_left, "day")} left of ${termText(offer.term_days)}`;

const assignedText = (association) =>
  association.ends_at ? `License assigned: ${association.serial} is covered until ${dateText(association.ends_at)}.` : `License assigned to ${association.serial}.`;
