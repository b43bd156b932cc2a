// Lists as tables: sorted and paged here, among what is loaded; rows become cards on a phone.
import { html, useMemo, useState } from "./lib.js";
import { plural } from "./dates.js";

const PAGE = 25;

/**
 * `columns`: `{name, show(row), by?(row), number?, bare?}`; those with `by` can be sorted.
 * `chosen` is a Set of row ids, with `onChoose`; `more`: loads what is not loaded yet.
 */
export function Table({ caption, columns, rows, id, sort, chosen, onChoose, choosable = () => true, more, empty }) {
  const [order, setOrder] = useState(sort);
  const [page, setPage] = useState(0);
  const sorted = useMemo(() => inOrder(rows, columns, order), [rows, order]);
  const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
  const current = Math.min(page, last);
  const shown = sorted.slice(current * PAGE, (current + 1) * PAGE);
  if (rows.length === 0 && !more) return empty;
  return html`
    <div class="table cards" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption class="unseen">${caption}</caption>
        <thead><tr>
          ${chosen && html`<th><${ChooseAll} rows=${shown.filter(choosable)} id=${id} chosen=${chosen} onChoose=${onChoose} /></th>`}
          ${columns.map((column) => html`<${Heading} key=${column.name} column=${column} order=${order} onOrder=${setOrder} />`)}
        </tr></thead>
        <tbody>${shown.map((row) => html`<tr key=${id(row)}>
          ${chosen && html`<td class="bare"><${Choose} row=${id(row)} allowed=${choosable(row)} chosen=${chosen} onChoose=${onChoose} /></td>`}
          ${columns.map((column) => html`<td key=${column.name} data-label=${column.label ?? column.name}
            class="${column.number ? "number" : ""} ${column.end ? "end" : ""} ${column.bare ? "bare" : ""}">${cell(column.show(row))}</td>`)}
        </tr>`)}</tbody>
      </table>
    </div>
    <${Pager} count=${rows.length} page=${current} last=${last} onPage=${setPage} more=${more} />`;
}

// One element to a cell, so that a card's label stands beside all of it.
const cell = (content) => html`<div>${content}</div>`;

function Heading({ column, order, onOrder }) {
  const mine = order?.name === column.name;
  const classes = `${column.number ? "number" : ""} ${column.end ? "end" : ""}`;
  if (!column.by) return html`<th scope="col" class=${classes}>${column.hidden ? html`<span class="unseen">${column.name}</span>` : column.name}</th>`;
  const turn = () => onOrder({ name: column.name, down: mine && !order.down });
  const sorted = mine ? (order.down ? "descending" : "ascending") : "none";
  return html`<th scope="col" class=${classes} aria-sort=${sorted}>
    <button type="button" onClick=${turn}>${column.name}</button>
  </th>`;
}

function inOrder(rows, columns, order) {
  const by = columns.find((column) => column.name === order?.name)?.by;
  if (!by) return rows;
  const sign = order.down ? -1 : 1;
  const key = (row) => by(row) ?? null;
  // What has no value comes last, whichever way.
  return [...rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === b) return 0;
    if (a === null || b === null) return a === null ? 1 : -1;
    return sign * (typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
  });
}

const toggled = (chosen, ids, on) => {
  const next = new Set(chosen);
  for (const id of ids) on ? next.add(id) : next.delete(id);
  return next;
};

function Choose({ row, allowed, chosen, onChoose }) {
  if (!allowed) return null;
  return html`<input type="checkbox" aria-label="Select ${row}" checked=${chosen.has(row)}
    onChange=${(event) => onChoose(toggled(chosen, [row], event.target.checked))} />`;
}

function ChooseAll({ rows, id, chosen, onChoose }) {
  const ids = rows.map(id);
  const all = ids.length > 0 && ids.every((one) => chosen.has(one));
  return html`<input type="checkbox" aria-label="Select all on this page" checked=${all} disabled=${ids.length === 0}
    onChange=${() => onChoose(toggled(chosen, ids, !all))} />`;
}

function Pager({ count, page, last, onPage, more }) {
  const from = count === 0 ? 0 : page * PAGE + 1;
  const turn = (by) => () => onPage(page + by);
  return html`<div class="pager">
    <span>${from.toLocaleString()}–${Math.min(count, (page + 1) * PAGE).toLocaleString()} of ${plural(count, "row")}${more ? " loaded" : ""}</span>
    <span class="buttons">
      ${more && html`<button type="button" class="button small" onClick=${more}>Load more</button>`}
      ${last > 0 && html`
        <button type="button" class="button small" disabled=${page === 0} onClick=${turn(-1)}>Previous</button>
        <button type="button" class="button small" disabled=${page === last} onClick=${turn(1)}>Next</button>`}
    </span>
  </div>`;
}

/** A short list without sorting and pages, for dialogs and cards. */
export function Lines({ caption, columns, rows, id }) {
  return html`<div class="table cards" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class="unseen">${caption}</caption>
      <thead><tr>${columns.map((column) => html`<${Heading} column=${{ ...column, by: null }} />`)}</tr></thead>
      <tbody>${rows.map((row, index) => html`<tr key=${id ? id(row) : index}>
        ${columns.map((column) => html`<td data-label=${column.label ?? column.name}
          class="${column.number ? "number" : ""} ${column.end ? "end" : ""}">${cell(column.show(row, index))}</td>`)}
      </tr>`)}</tbody>
    </table>
  </div>`;
}
