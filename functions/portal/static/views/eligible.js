// Associations as they would be: each device with its end before and after.
import { At } from "../dates.js";
import { html } from "../lib.js";
import { Lines } from "../table.js";
import { Badge, Empty } from "../ui.js";
import { LICENSE_STATE } from "../words.js";

/** Associations with their device's present end: a day for every license, the uncovered first. */
export function devicesByEnd(associations, devices) {
  const ends = new Map(devices.map((device) => [device.serial, device]));
  return associations.map((association) => ({ ...association, device: ends.get(association.serial) }));
}

export function Eligible({ rows }) {
  if (rows.length === 0) {
    return html`<${Empty} title="No device of this organization fits">The licenses are added all the same, and can be associated later.</${Empty}>`;
  }
  return html`<div class="inset"><${Lines} caption="Devices to associate" rows=${rows} id=${(row) => row.license_id + row.serial} columns=${[
    { name: "Device", show: (row) => html`<span class="strong">${row.serial}</span><small>${[row.device?.model, row.device?.name].filter(Boolean).join(" · ")}</small>` },
    { name: "End before", show: (row) => (row.device_end_before ? html`<${At} at=${row.device_end_before} />` : html`<span class="faint">not covered</span>`) },
    { name: "End after", show: (row) => (row.device_end_after ? html`<strong><${At} at=${row.device_end_after} /></strong>` : html`<span class="faint">starts in a network</span>`) },
    { name: "State", show: (row) => html`<${Badge} words=${LICENSE_STATE} code=${row.state} />` },
  ]} /></div>`;
}
