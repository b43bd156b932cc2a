// The public API: every call of the page goes through here.
import { forget, renewed, token } from "./session.js";

// The page lies at <api>/portal.
export const BASE = new URL(".", location.href).href.replace(/\/$/, "");

/** A refusal, as the problem document tells it (RFC 9457). */
export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    Object.assign(this, { errors: [] }, document);
  }
}

const UNREACHABLE = {
  status: 0,
  code: "unreachable",
  detail: "The service can’t be reached.",
  remedy: "Check your connection, then try again: nothing is done twice.",
};

/** A key for each intent: kept while its outcome is unknown, so that pressing again has no second effect. */
const intents = new Map();

export const get = (path, query) => call("GET", path, query);
export const post = (path, body = {}, plan = undefined) => command("POST", path, body, plan);
export const put = (path, body, plan = undefined) => command("PUT", path, body, plan);
export const remove = (path, plan = undefined) => command("DELETE", path, undefined, plan);
/** What a command would do; its `plan` makes the real call do exactly that. */
export const preview = (path, body = {}, method = "POST") => call(method, path, { dry_run: true }, body);

/** Up to `most` items of a list, and the cursor of what is left. */
export async function list(path, query = {}, most = 1000, cursor = undefined) {
  const items = [];
  do {
    const page = await get(path, { ...query, limit: Math.min(1000, most - items.length), cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor && items.length < most);
  return { items, cursor };
}

/** The whole list, whatever its length. */
export const whole = async (path, query) => (await list(path, query, Infinity)).items;

/** Ends the person's sessions on all devices. Whatever becomes of that, this tab forgets its own. */
export async function signOut() {
  await fetch(`${BASE}/me/sign-out`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token()}` },
    keepalive: true,
    signal: AbortSignal.timeout(5000),
  }).catch(() => {});
  forget();
}

async function command(method, path, body, plan) {
  const intent = JSON.stringify([method, path, body, plan]);
  if (!intents.has(intent)) intents.set(intent, crypto.randomUUID());
  try {
    const answer = await call(method, path, { plan }, body, { "Idempotency-Key": intents.get(intent) });
    intents.delete(intent);
    return answer;
  } catch (problem) {
    if (problem.status > 0 && problem.status < 500) intents.delete(intent);
    throw problem;
  }
}

async function call(method, path, query = {}, body = undefined, headers = {}) {
  const url = new URL(BASE + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const used = token();
  const response = await fetch(url, {
    method,
    headers: {
      Authorization: `Bearer ${used}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new Problem(UNREACHABLE);
  });
  if (response.status === 401) {
    await renewed(used);
    return call(method, path, query, body, headers);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem({ status: response.status, ...unexplained(response), ...answer });
  return answer;
}

const unexplained = (response) => ({
  code: "unexplained",
  detail: `The service answered ${response.status} without saying why.`,
  remedy: "Try again in a moment.",
});
