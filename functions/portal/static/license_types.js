// What license types are called and under which tab they stand: the API's own table, asked once a visit.
import { get } from "./api.js";
import { TABS, TYPE } from "./words.js";

let asked;

/** Done once types that the words here don't know have their name and tab from the API. Without an answer codes are shown. */
export const typesKnown = () => (asked ??= get("/license-models").then(({ types }) => types.forEach(learn)).catch(forget));

function learn({ type, name, tab }) {
  TYPE[type] ??= name;
  if (tab) TABS[tab] ??= name;
}

function forget() {
  asked = undefined;
}
