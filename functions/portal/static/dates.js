// Instants: kept in UTC, shown in the reader's time zone, UTC on hover.
import { html } from "./lib.js";

const DAY = 86_400_000;
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const TIME = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});

export const utc = (at) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
export const dateText = (at) => DATE.format(new Date(at));

/** One instant; nothing to show is a dash. */
export function At({ at, time = false }) {
  if (!at) return html`<span class="faint">–</span>`;
  return html`<time datetime=${at} title=${utc(at)}>${(time ? TIME : DATE).format(new Date(at))}</time>`;
}

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/;

/** A sentence of the service with its instants shown like all others. */
export const Told = ({ text }) => text.split(INSTANT).map((part) => (INSTANT.test(part) ? html`<${At} at=${part} time />` : part));

export const daysUntil = (at, now = Date.now()) => (new Date(at) - now) / DAY;

/** `2 y 41 d`, `12 days`, `5 hours`, `ended`. */
export function left(at, now = Date.now()) {
  const days = daysUntil(at, now);
  if (days <= 0) return "ended";
  if (days < 1) return plural(Math.max(1, Math.floor(days * 24)), "hour");
  const whole = Math.floor(days);
  return whole < 731 ? plural(whole, "day") : `${Math.floor(whole / 365)} y ${whole % 365} d`;
}

/** Time left, warning when it gets short. */
export function TimeLeft({ at, now }) {
  if (!at) return html`<span class="faint">–</span>`;
  const days = daysUntil(at, now);
  return html`<span class=${days <= 0 ? "bad" : days < 30 ? "warn" : ""}>${left(at, now)}</span>`;
}

/** `1 year`, `3 years`, `1 day`; perpetual ones have none. */
export function termText(days) {
  if (!days) return "perpetual";
  return days % 365 === 0 ? plural(days / 365, "year") : plural(days, "day");
}

export const plural = (count, noun, many = `${noun}s`) => `${count.toLocaleString()} ${count === 1 ? noun : many}`;

/** The last second of a day of the reader's calendar, as the API takes it. */
export const endOfDay = (day) => new Date(`${day}T23:59:59`).toISOString().replace(/\.\d+Z$/, "Z");
