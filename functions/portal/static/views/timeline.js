// Stretches of time as bars: what covers something, in the order of time.
import { At, dateText, Told, utc } from "../dates.js";
import { html } from "../lib.js";
import { Lines } from "../table.js";
import { Empty } from "../ui.js";

const DAY = 86_400_000;

/** Stretches `{from, until, label, free?, lane?}` on one scale, with today's mark. */
export function Bars({ stretches, now = new Date().toISOString() }) {
  const edges = stretches.flatMap((stretch) => [Date.parse(stretch.from), Date.parse(stretch.until)]);
  const [first, last] = [Math.min(...edges, Date.parse(now)), Math.max(...edges, Date.parse(now) + DAY)];
  const place = (at) => ((Date.parse(at) - first) / (last - first)) * 100;
  const names = [...new Set(stretches.map((stretch) => stretch.lane ?? ""))];
  const lanes = names.map((name) => [name, stretches.filter((stretch) => (stretch.lane ?? "") === name)]);
  return html`<div aria-hidden="true">${lanes.map(([name, within]) => html`<div class="lane" key=${name}>
      ${name && html`<h3 class="soft">${name}</h3>`}
      <div class="frame">
        <div class="track">${within.map((stretch) => html`<span title="${stretch.label}: ${utc(stretch.from)} – ${utc(stretch.until)}"
          class="stretch ${stretch.free ? "free" : ""} ${stretch.from <= now && now < stretch.until ? "now" : ""}"
          style=${{ left: `${place(stretch.from)}%`, width: `${place(stretch.until) - place(stretch.from)}%` }}></span>`)}</div>
        <span class="today" style=${{ left: `${place(now)}%` }}></span>
      </div>
    </div>`)}
    <div class="scale">${marks(first, last).map((mark) => html`<span style=${{ left: `${mark.place}%` }}>${mark.text}</span>`)}</div>
  </div>`;
}

/** Where the scale begins and ends, and a few days between. */
function marks(first, last) {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => ({
    place: share * 100,
    text: dateText(new Date(first + share * (last - first)).toISOString()),
  }));
}

// What runs beside the Pro chain has a bar of its own.
const LANES = { secupoint: "SecuPoint VPN", unlimited_ai: "Unlimited AI" };

/** `models`: the catalogue's entries by SKU. */
export function Timeline({ stretches, models, now }) {
  if (stretches.length === 0) return html`<${Empty} title="Nothing covers this device yet">Assign a license to it.</${Empty}>`;
  const bars = stretches.map((stretch) => ({ ...stretch, free: stretch.source === "free", label: nameOf(stretch), lane: LANES[models.get(stretch.license_model)?.type] ?? "" }));
  return html`<${Bars} stretches=${bars} now=${now} />
    <div class="inset"><${Lines} caption="Covered stretches" rows=${stretches} columns=${[
      { name: "Covered by", show: (row) => html`<span class="swatch ${row.source === "free" ? "free" : ""}"></span><span class="strong nowrap">${nameOf(row)}</span><small><${Told} text=${row.why} /></small>` },
      { name: "From", show: (row) => html`<${At} at=${row.from} />` },
      { name: "Until", show: (row) => html`<${At} at=${row.until} />` },
      { name: "Days", number: true, show: (row) => Math.round((Date.parse(row.until) - Date.parse(row.from)) / DAY).toLocaleString() },
      { name: "Paid by", show: (row) => row.po_number ? html`<span class="nowrap">${row.po_number}, line ${row.line}</span><small><code>${row.key_fingerprint}</code></small>` : html`<span class="faint">–</span>` },
    ]} /></div>`;
}

const nameOf = (stretch) => (stretch.source === "free" ? "Free period" : stretch.license_model);
