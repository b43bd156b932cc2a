// Who is signed in. The token lives in memory and in this tab's storage, and goes nowhere but to the API.
import { authenticate, setFirstPassword } from "./cognito.js";

const SLOT = "engenius-licensing.token";
const listeners = new Set();
const waiting = new Set();
let current = sessionStorage.getItem(SLOT) ?? null;
// Set while a token that the API no longer takes is being replaced, the page staying as it is.
let expired = false;

export const token = () => current;
export const state = () => ({ signedIn: current !== null, expired, email: claims()?.email ?? null });

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves when somebody signed in again; calls that met the old token then go on with the new one. */
export function renewed(used) {
  if (current !== used && current !== null) return Promise.resolve();
  expired = true;
  tell();
  return new Promise((resolve) => waiting.add(resolve));
}

/** Signs in; answers what Cognito asks for when a first password must be replaced. */
export async function signIn(email, password) {
  return accept(await authenticate(email, password));
}

export async function choosePassword(challenge, password) {
  return accept(await setFirstPassword(challenge, password));
}

export function signOut() {
  sessionStorage.removeItem(SLOT);
  location.hash = "";
  location.reload();
}

function accept(answer) {
  if (answer.challenge) return answer.challenge;
  const before = claims()?.sub;
  current = answer.token;
  sessionStorage.setItem(SLOT, current);
  // What is on the page was somebody else's.
  if (before && before !== claims().sub) location.reload();
  expired = false;
  for (const resolve of waiting) resolve();
  waiting.clear();
  tell();
  return null;
}

function claims() {
  if (current === null) return null;
  const body = current.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body), (char) => char.charCodeAt(0))));
}

function tell() {
  for (const listener of listeners) listener(state());
}
