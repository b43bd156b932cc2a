// Where the reader is: `#/orgs/org-north/licenses?tab=pro`. Filters stand in it too, so that "back" brings them back.
import { useEffect, useState } from "./lib.js";

/** As it was meant; a link that was cut within a character, or typed wrongly, is taken as it stands. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function readRoute() {
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  return {
    parts: path.split("/").filter(Boolean).map(decoded),
    query: Object.fromEntries(new URLSearchParams(query ?? "")),
  };
}

export function useRoute() {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const listen = () => setRoute(readRoute());
    addEventListener("hashchange", listen);
    return () => removeEventListener("hashchange", listen);
  }, []);
  return route;
}

/** `#/orgs/org-north/devices/A%2F1?…`; empty values are left out of the query. */
export function link(parts, query = {}) {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const path = `#/${parts.map(encodeURIComponent).join("/")}`;
  return asked.length ? `${path}?${new URLSearchParams(asked)}` : path;
}

export function go(parts, query) {
  location.hash = link(parts, query);
}

/** Change some filters; not a step of the history. */
export function refine(changes) {
  const { parts, query } = readRoute();
  history.replaceState(null, "", link(parts, { ...query, ...changes }));
  dispatchEvent(new HashChangeEvent("hashchange"));
}
