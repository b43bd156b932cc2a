// Associate to Device: chosen licenses to chosen devices, the ends shown before it is done.
import { post, preview, whole } from "../api.js";
import { At, plural, termText } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { Dialog, Empty, Failure, Footer, Loaded } from "../ui.js";
import { Lines } from "../table.js";
import { devicesByEnd, Eligible } from "./eligible.js";

/** Whether a license fits a device by its kind; the service has the last word. */
const TAKES = {
  pro: (device) => device.series !== "lite",
  pro_lite: (device) => device.series === "lite",
  unlimited_ai: (device) => device.category === "camera",
  secupoint: (device) => device.category === "gateway",
};
const fits = (license, device) => (TAKES[license.type]?.(device) ?? false) && license.category === device.category;
const endOf = (device) => device.expires_at ?? "";

export function AssociateLicenses({ org, licenses, onClose, onDone }) {
  const base = `/orgs/${encodeURIComponent(org)}`;
  const devices = useLoad(() => whole(`${base}/devices`), [org]);
  const [picks, setPicks] = useState(null);
  const [plan, setPlan] = useState(null);
  const { busy, problem, run, forget } = useCommand();
  const chosen = picks ?? (devices.data ? suggested(licenses, devices.data) : {});
  const pairs = licenses.filter((one) => chosen[one.license_id]).map((one) => ({ license_id: one.license_id, serial: chosen[one.license_id] }));
  const show = () => run(async () => {
    const answer = await preview(`${base}/associations`, { pairs });
    setPlan({ id: answer.plan, rows: devicesByEnd(answer.associations, devices.data) });
  });
  const associate = async () => {
    const done = await run(() => post(`${base}/associations`, { pairs }, plan.id));
    if (done) onDone(`${plural(done.associations.length, "license")} associated.`);
  };
  const back = () => {
    forget();
    setPlan(null);
  };
  const foot = (form) => html`<${Footer} form=${form} onCancel=${plan ? back : onClose} cancel=${plan ? "Back" : "Cancel"}
    action=${plan ? "Confirm" : "Continue"} busy=${busy} disabled=${pairs.length === 0} />`;
  return html`<${Dialog} wide title="Associate to Device" about=${plan ? "Look at the ends before you confirm." : plural(licenses.length, "license")}
    onClose=${onClose} onSubmit=${plan ? associate : show} footer=${foot}>
    ${plan ? html`<${Eligible} rows=${plan.rows} />` : html`<${Loaded} from=${devices}>${(all) => html`
      <${Pairs} licenses=${licenses} devices=${all} chosen=${chosen} onChoose=${setPicks} />`}</${Loaded}>`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

/** One license to each fitting device, earliest end first. */
function suggested(licenses, devices) {
  const free = [...devices].sort((a, b) => endOf(a).localeCompare(endOf(b)) || a.serial.localeCompare(b.serial));
  return Object.fromEntries(licenses.map((license) => {
    const at = free.findIndex((device) => fits(license, device));
    return [license.license_id, at < 0 ? "" : free.splice(at, 1)[0].serial];
  }));
}

function Pairs({ licenses, devices, chosen, onChoose }) {
  const choices = (license) => devices.filter((device) => fits(license, device)).sort((a, b) => endOf(a).localeCompare(endOf(b)));
  if (!licenses.some((license) => choices(license).length)) {
    return html`<${Empty} title="No device fits these licenses">Register a device of the right category first.</${Empty}>`;
  }
  const select = (license) => html`<select aria-label="Device for ${license.license_id}" value=${chosen[license.license_id]}
    onChange=${(event) => onChoose({ ...chosen, [license.license_id]: event.target.value })}>
    <option value="" selected=${!chosen[license.license_id]}>None</option>
    ${choices(license).map((device) => html`<option key=${device.serial} value=${device.serial} selected=${device.serial === chosen[license.license_id]}>
      ${[device.serial, device.name].filter(Boolean).join(" · ")}</option>`)}
  </select>`;
  return html`<div class="inset"><${Lines} caption="Licenses and their devices" rows=${licenses} id=${(one) => one.license_id} columns=${[
    { name: "License", show: (one) => html`<span class="strong">${one.license_model}</span><small>${termText(one.term_days)}</small>` },
    { name: "Forced activation", show: (one) => html`<${At} at=${one.activation_at} />` },
    { name: "Device", show: select },
  ]} /></div>`;
}
