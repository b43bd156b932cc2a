// The lines of an order being placed: a model and a quantity each.
import { html } from "../lib.js";

const MOST_LINES = 100;

export function OrderLinesForm({ models, lines, onChange, about }) {
  const taken = new Set(lines.map((line) => line.license_model));
  const change = (id, what) => onChange(lines.map((line) => (line.id === id ? { ...line, ...what } : line)));
  const add = () => onChange([...lines, { id: Math.max(...lines.map((line) => line.id)) + 1, license_model: "", quantity: "1" }]);
  return html`<div class="order-lines">
    ${lines.map((line, at) => html`<div class="order-line" key=${line.id} role="group" aria-label="Line ${at + 1}">
      <span class="faint" aria-hidden="true">${at + 1}</span>
      <select aria-label="License model of line ${at + 1}" value=${line.license_model} onChange=${(event) => change(line.id, { license_model: event.target.value })}>
        <option value="" selected=${!line.license_model}>Choose a license model</option>
        ${models.map((model) => html`<option key=${model.sku} value=${model.sku} selected=${model.sku === line.license_model} disabled=${taken.has(model.sku) && model.sku !== line.license_model}>
          ${model.sku} · ${about(model)}</option>`)}
      </select>
      <input type="number" min="1" max="100000" step="1" inputmode="numeric" aria-label="Quantity of line ${at + 1}" value=${line.quantity}
        onInput=${(event) => change(line.id, { quantity: event.target.value })} />
      <button type="button" class="button close" aria-label="Remove line ${at + 1}" disabled=${lines.length === 1} onClick=${() => onChange(lines.filter((each) => each !== line))}>×</button>
    </div>`)}
    <div><button type="button" class="button small" disabled=${lines.length >= MOST_LINES} onClick=${add}>Add a line</button></div>
  </div>`;
}
