// Co-termination: what it takes to bring devices to one end date, and doing it (D28).
import { post, preview } from "../api.js";
import { At, endOfDay, plural } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Lines } from "../table.js";
import { Dialog, Failure, Field, Footer } from "../ui.js";

export function CoTerm({ org, serials, onClose, onDone }) {
  const [day, setDay] = useState("");
  const [plan, setPlan] = useState(null);
  const { busy, problem, run } = useCommand();
  const path = `/orgs/${encodeURIComponent(org)}/co-term`;
  const body = { until: day && endOfDay(day), serials };
  const calculate = () => run(async () => setPlan(await preview(path, body)));
  const apply = async () => {
    const done = await run(() => post(path, body, plan.plan));
    if (done) onDone(`${plural(done.devices.length, "device")} end together now; ${plural(done.units, "unit")} used.`);
  };
  const change = (event) => {
    setDay(event.target.value);
    setPlan(null);
  };
  const short = plan && plan.units > plan.available;
  return html`<${Dialog} wide title="Co-terminate" about="Bring ${plural(serials.length, "device")} to one end date. One CO-TERM-LIC unit covers one device for one day."
    onClose=${onClose} onSubmit=${plan ? apply : calculate}
    footer=${(form) => html`<${Footer} form=${form} onCancel=${onClose} action=${plan ? "Apply" : "Calculate"} busy=${busy} disabled=${!day || short || plan?.units === 0} />`}>
    <${Field} label="Common end date">${(given) => html`<input ...${given} type="date" autofocus value=${day} min=${new Date().toISOString().slice(0, 10)} onInput=${change} />`}</${Field}>
    ${plan && html`<div class="inset"><${Lines} caption="Units for each device" rows=${plan.devices} id=${(row) => row.serial} columns=${[
      { name: "Device", show: (row) => html`<span class="strong">${row.serial}</span>` },
      { name: "Current end", show: (row) => html`<${At} at=${row.current_end} time />` },
      { name: "Days until the common end", number: true, label: "Units", show: (row) => row.units.toLocaleString() },
    ]} /></div>
    <p class="notice ${short ? "bad" : "info"}" role="status"><strong>${plural(plan.units, "unit")} needed, ${plan.available.toLocaleString()} available</strong>
      ${short ? `Claim ${plural(plan.units - plan.available, "more CO-TERM-LIC unit")}, or choose an earlier date.` : "Whole days, rounded up for each device."}</p>`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}
