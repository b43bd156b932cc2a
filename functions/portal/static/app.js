// The frame of every page: who is signed in, the navigation, and the view the address asks for.
import { html, useEffect, useRef, useState } from "./lib.js";
import { useLoad } from "./loading.js";
import { Navigation } from "./navigation.js";
import { go, useRoute } from "./router.js";
import { SecondFactor } from "./second_factor.js";
import { state, subscribe } from "./session.js";
import { SignIn, SignInAgain } from "./sign_in.js";
import { Empty, Failure, Loaded, Toaster } from "./ui.js";
import { loadWorld, WorldIs } from "./world.js";

// Address → module and what it exports; `:` stands for any id.
const VIEWS = [
  [["orgs", ":org", "licenses"], "licenses", "Licenses"],
  [["orgs", ":org", "devices"], "devices", "Devices"],
  [["orgs", ":org", "devices", ":serial"], "device", "Device"],
  [["orgs", ":org", "activity"], "activity", "OrgActivity"],
  [["msps", ":msp"], "msp", "MspPortal"],
  [["msps", ":msp", "licenses"], "msp_licenses", "MspLicenses"],
  [["msps", ":msp", "activity"], "activity", "MspActivity"],
  [["orders"], "orders", "Orders"],
  [["orders", "new"], "new_order", "NewOrder"],
  [["orders", ":order"], "order", "Order"],
];

export function App() {
  const [session, setSession] = useState(state);
  useEffect(() => subscribe(setSession), []);
  return html`
    ${session.signedIn ? html`<${Portal} session=${session} />` : html`<${SignIn} />`}
    ${session.expired && html`<${SignInAgain} />`}
    <${Toaster} />`;
}

function Portal({ session }) {
  const world = useLoad(loadWorld, []);
  const route = useRoute();
  if (world.data === undefined) {
    return html`<main class="page"><${Loaded} from=${world}>${() => null}</${Loaded}></main>`;
  }
  return html`<${WorldIs} value=${world.data}>
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <div class="shell">
      <${Navigation} route=${route} session=${session} />
      <main class="page" id="main" tabindex="-1">
        ${world.data.me.needs_mfa && html`<${SecondFactor} />`}
        <${View} route=${route} world=${world.data} />
      </main>
    </div>
  </${WorldIs}>`;
}

// The address is the route's, so the jump is made by hand.
function skip(event) {
  event.preventDefault();
  document.querySelector("#main h1, #main").focus();
}

function View({ route, world }) {
  const home = homeOf(world);
  const found = VIEWS.map(([shape, module, name]) => ({ module, name, ids: matched(shape, route.parts) })).find((view) => view.ids);
  const [loaded, setLoaded] = useState({});
  const wanted = useRef();
  wanted.current = found?.module;
  useEffect(() => {
    if (!found && route.parts.length === 0 && home) go(home);
    if (!found || loaded.module === found.module) return;
    import(`./views/${found.module}.js`).then(
      (module) => wanted.current === found.module && setLoaded({ module: found.module, exports: module }),
      () => setLoaded({ module: found.module, problem: OUTDATED }),
    );
  }, [found?.module, route.parts.length]);
  if (!found) return route.parts.length || !home ? html`<${Nowhere} home=${home} />` : null;
  if (loaded.problem) return html`<${Failure} problem=${loaded.problem} retry=${() => location.reload()} />`;
  if (loaded.module !== found.module) return html`<p class="busy" role="status">Loading…</p>`;
  const key = Object.values(found.ids).join("/");
  return html`<${loaded.exports[found.name]} key=${key} ...${found.ids} query=${route.query} />`;
}

const OUTDATED = {
  detail: "This part of the page could not be loaded.",
  remedy: "A new version may have been put in place: load the page again.",
  errors: [],
};

function matched(shape, parts) {
  if (shape.length !== parts.length || !shape.every((part, at) => part.startsWith(":") || part === parts[at])) return null;
  return Object.fromEntries(shape.flatMap((part, at) => (part.startsWith(":") ? [[part.slice(1), parts[at]]] : [])));
}

/** Where somebody starts: the first thing that is theirs. */
function homeOf(world) {
  const mine = world.me.grants.map((grant) => grant.org_id).find(Boolean);
  if (mine) return ["orgs", mine, "licenses"];
  if (world.msps.length > 0 && !world.operator) return ["msps", world.msps[0].msp_id];
  if (world.seesOrders) return ["orders"];
  return world.orgs.length > 0 ? ["orgs", world.orgs[0].org_id, "licenses"] : null;
}

function Nowhere({ home }) {
  if (!home) {
    return html`<${Empty} title="You were granted nothing yet">Ask an operator for access to your organization.</${Empty}>`;
  }
  return html`<div>
    <h1>There is no such page</h1>
    <p class="soft">The address may be mistyped. <button class="button plain" onClick=${() => go(home)}>Go to your start page</button></p>
  </div>`;
}
