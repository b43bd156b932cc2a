// The left-hand menu: only what the person's grants allow.
import { signOut } from "./api.js";
import { html, useEffect, useState } from "./lib.js";
import { go, link } from "./router.js";
import { useWorld } from "./world.js";

export const Brand = () => html`<div class="brand">
  <svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="currentColor" />
    <path fill="none" stroke="var(--on-accent)" stroke-width="2.2" stroke-linecap="round" d="M7 8h10M7 12h7M7 16h10" /></svg>
  <span>EnGenius<small>Licensing</small></span>
</div>`;

export function Navigation({ route, session }) {
  const world = useWorld();
  const [open, setOpen] = useState(false);
  const here = link(route.parts);
  useEffect(() => setOpen(false), [here]);
  return html`<header class="side ${open ? "open" : ""}">
    <div class="top">
      <${Brand} />
      <button type="button" class="button small menu" aria-expanded=${open} onClick=${() => setOpen(!open)}>Menu</button>
    </div>
    <nav class="nav" aria-label="Main">
      ${world.orgs.length > 0 && html`<${OrgMenu} world=${world} route=${route} />`}
      ${world.msps.length > 0 && html`<${MspMenu} world=${world} route=${route} />`}
      ${world.seesOrders && html`<section aria-label="Ordering">
        <h2>Ordering</h2><${Item} to=${["orders"]} route=${route} prefix>Orders</${Item}>
      </section>`}
    </nav>
    <div class="account">
      <div class="email" title=${session.email}>${session.email}</div>
      <div class="faint">${rolesOf(world)}</div>
      <button type="button" class="button small" onClick=${signOut}>Sign out</button>
    </div>
  </header>`;
}

function OrgMenu({ world, route }) {
  const [kind, id, page] = route.parts;
  const org = useRemembered(kind === "orgs" && id, world.orgs[0].org_id);
  return html`<section aria-label="Organization">
    <h2 id="organization">Organization</h2>
    <${Switcher} label="Organization" value=${org} options=${world.orgs.map((each) => [each.org_id, each.name])}
      onChange=${(next) => go(["orgs", next, page ?? "licenses"])} />
    <h3>Inventory & License</h3>
    <${Item} to=${["orgs", org, "licenses"]} route=${route}>Licenses</${Item}>
    <${Item} to=${["orgs", org, "devices"]} route=${route} prefix>Devices</${Item}>
    <h3>Records</h3>
    <${Item} to=${["orgs", org, "activity"]} route=${route}>Activity</${Item}>
  </section>`;
}

function MspMenu({ world, route }) {
  const [kind, id, page] = route.parts;
  const msp = useRemembered(kind === "msps" && id, world.msps[0].msp_id);
  return html`<section aria-label="MSP Portal">
    <h2>MSP</h2>
    ${world.msps.length > 1 && html`<${Switcher} label="MSP" value=${msp} options=${world.msps.map((each) => [each.msp_id, each.name])}
      onChange=${(next) => go(["msps", next, page].filter(Boolean))} />`}
    <${Item} to=${["msps", msp]} route=${route}>MSP Portal</${Item}>
    <h3>Inventory & License</h3>
    <${Item} to=${["msps", msp, "licenses"]} route=${route}>Licenses</${Item}>
    <h3>Records</h3>
    <${Item} to=${["msps", msp, "activity"]} route=${route}>Activity</${Item}>
  </section>`;
}

/** The id in the address, or the last one that was there. */
function useRemembered(current, first) {
  const [known, setKnown] = useState(current || first);
  useEffect(() => {
    if (current) setKnown(current);
  }, [current]);
  return current || known;
}

function Switcher({ label, value, options, onChange }) {
  return html`<label><span class="unseen">${label}</span>
    <select value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${options.map(([id, name]) => html`<option key=${id} value=${id} selected=${id === value}>${name}</option>`)}
    </select>
  </label>`;
}

function Item({ to, route, prefix, children }) {
  const here = to.every((part, at) => part === route.parts[at]) && (prefix || route.parts.length === to.length);
  return html`<a href=${link(to)} aria-current=${here ? "page" : undefined}>${children}</a>`;
}

const NAMES = {
  operator: "Operator", partner: "Partner", org_admin: "Organization admin", org_viewer: "Organization viewer",
  msp_admin: "MSP admin", msp_viewer: "MSP viewer",
};
const rolesOf = (world) => [...new Set(world.me.grants.map((grant) => NAMES[grant.role]))].join(", ");
