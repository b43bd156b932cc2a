// Looking at another day: the API answers every read as of any instant, in the past or as a forecast.
import { dateText, endOfDay } from "./dates.js";
import { html } from "./lib.js";
import { refine } from "./router.js";

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The instant the address asks for; undefined for now, and for what is no day of any calendar. */
export const asOfInstant = ({ as_of: day = "" }) => (isDay(day) ? endOfDay(day) : undefined);

/** Date takes 31 February for 3 March: what comes out must be what went in. */
function isDay(day) {
  const at = DAY.test(day) ? new Date(day) : new Date(NaN);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

export function AsOf({ asOf }) {
  if (!asOf) return null;
  const forecast = new Date(asOf) > new Date();
  return html`<div class="notice info" role="status">
    <strong>${forecast ? "Forecast for" : "As it was on"} ${dateText(asOf)}</strong>
    ${forecast ? "What will be then, if nothing is added or changed until." : "Rebuilt from the record of changes."}
    ${" "}<button class="button small" onClick=${() => refine({ as_of: "" })}>Back to now</button>
  </div>`;
}

export function AsOfPicker({ query }) {
  return html`<label class="as-of"><span class="faint">As of</span>
    <input type="date" value=${query.as_of ?? ""} onChange=${(event) => refine({ as_of: event.target.value })} /></label>`;
}
