// The ledger, readable: who did what, when, and what changed.
import { list } from "../api.js";
import { At } from "../dates.js";
import { html, useState } from "../lib.js";
import { useCommand, useLoad } from "../loading.js";
import { Card, Empty, Failure, Loaded, PageHead } from "../ui.js";
import { useWorld } from "../world.js";

const PAGE = 50;

export function OrgActivity({ org }) {
  const world = useWorld();
  return html`<${Activity} path="/orgs/${encodeURIComponent(org)}/ledger" crumbs=${[world.orgName(org)]} />`;
}

export function MspActivity({ msp }) {
  const world = useWorld();
  return html`<${Activity} path="/msps/${encodeURIComponent(msp)}/ledger" crumbs=${["MSP Portal", world.mspName(msp)]} />`;
}

function Activity({ path, crumbs }) {
  const [older, setOlder] = useState({ items: [], cursor: undefined });
  const entries = useLoad(() => list(path, {}, PAGE), [path]);
  const { busy, problem, run } = useCommand();
  const cursor = older.items.length ? older.cursor : entries.data?.cursor;
  const more = async () => {
    const next = await run(() => list(path, {}, PAGE, cursor));
    if (next) setOlder({ items: [...older.items, ...next.items], cursor: next.cursor });
  };
  return html`
    <${PageHead} crumbs=${crumbs} title="Activity" about="Every change, newest first. This record is never rewritten." />
    <${Card} plain label="Activity"><${Loaded} from=${entries}>${({ items }) => items.length === 0
      ? html`<${Empty} title="Nothing has happened yet">Claims, associations and moves are recorded here.</${Empty}>`
      : html`<ol class="log">${[...items, ...older.items].map((entry, at) => html`<li key=${entry.at + at}>
          <div class="faint"><${At} at=${entry.at} time /><div>${entry.actor}</div></div>
          <div>${entry.summary}<${Changes} entry=${entry} /></div>
        </li>`)}</ol>
        <${Failure} problem=${problem} />
        ${cursor && html`<div class="pager"><span></span><button class="button small" disabled=${busy} onClick=${more}>Show older</button></div>`}`}
    </${Loaded}></${Card}>`;
}

function Changes({ entry }) {
  if (!entry.changes?.length) return null;
  return html`<details><summary>Details</summary><ul class="changes">${entry.changes.map((change) => html`<li key=${change.record}>
    <code>${change.record}</code>
    <table>
      <thead><tr><th scope="col">Fact</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
      <tbody>${namesOf(change).map((name) => html`<tr key=${name}>
        <th scope="row">${name.replaceAll("_", " ")}${placeOf(change, name)}</th>
        <td><code>${said(change.before?.[name])}</code></td><td><code>${said(change.after?.[name])}</code></td>
      </tr>`)}</tbody>
    </table>
  </li>`)}</ul></details>`;
}

// Of a long list only the entries that differ are told.
const placeOf = (change, name) => (change.offsets?.[name] > 0 ? `, from entry ${change.offsets[name] + 1}` : "");
const namesOf = (change) => [...new Set([...Object.keys(change.before ?? {}), ...Object.keys(change.after ?? {})])];
const said = (value) => (value === undefined || value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));
