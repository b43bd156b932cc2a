// An MSP portal's validity: one bar, a stretch for each key.
import { dateText } from "../dates.js";
import { html } from "../lib.js";
import { Empty } from "../ui.js";
import { Bars } from "./timeline.js";

export function Validity({ portal }) {
  if (!portal.licenses.length) {
    return html`<${Empty} title="This portal has no validity yet">Its first MSP license starts it at once.</${Empty}>`;
  }
  const stretches = portal.licenses.map((license) => ({ ...license, label: `${license.quantity} × ${license.license_model} (${license.key_fingerprint})` }));
  return html`<${Bars} stretches=${stretches} />
    <p class="unseen">Valid from ${dateText(portal.valid_from)} until ${dateText(portal.valid_until)}, by ${portal.licenses.length} keys.</p>`;
}
