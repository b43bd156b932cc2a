// Who is signed in. The token lives in memory and in this tab's storage, and goes nowhere but to the API.
import { authenticate, respond } from "./cognito.js";

const SLOT = "engenius-licensing.token";
const listeners = new Set();
const waiting = new Set();
let current = sessionStorage.getItem(SLOT) ?? null;
// What Cognito takes for changing the sign-in itself; in memory only, so it is gone when the page is loaded again.
let access = null;
// Set while a token that the API no longer takes is being replaced, the page staying as it is.
let expired = false;

export const token = () => current;
export const accessToken = () => access;
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

/** Signs in; answers what Cognito asks for besides: a password of one's own, or the second factor. */
export async function signIn(email, password) {
  return accept(await authenticate(email, password));
}

export async function answerChallenge(challenge, text) {
  return accept(await respond(challenge, text));
}

/** Forgets who was signed in, here; `signOut` in `api.js` ends the session everywhere. */
export function forget() {
  sessionStorage.removeItem(SLOT);
  location.hash = "";
  location.reload();
}

function accept(answer) {
  if (answer.challenge) return answer.challenge;
  const before = claims()?.sub;
  ({ token: current, access } = answer);
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
