// Entering license keys: pasted from a mail as they are, any number at a time.
import { html } from "./lib.js";
import { Field } from "./ui.js";

const SYMBOLS = "[0-9A-Za-z]";
const GROUPED = new RegExp(`(?<!${SYMBOLS})${SYMBOLS}{5}(?:[\\s-]+${SYMBOLS}{5}){4}(?!${SYMBOLS})`, "g");
const DASHES = /[\u2010-\u2015\u2212]/g;

/** The keys in a text, each once. Where nothing looks like one, every line is taken as it is: the service says why not. */
export function keysIn(text) {
  const plain = text.replace(DASHES, "-");
  const grouped = plain.match(GROUPED) ?? [];
  const whole = plain.match(new RegExp(`(?<!${SYMBOLS})${SYMBOLS}{25}(?!${SYMBOLS})`, "g")) ?? [];
  const found = [...grouped, ...whole];
  const lines = plain.split(/[\n,;]+/).map((line) => line.trim()).filter(Boolean);
  return [...new Set((found.length ? found : lines).map((key) => key.toUpperCase().replace(/\s+/g, "-")))];
}

export function KeysField({ text, onText, fault }) {
  const count = keysIn(text).length;
  const hint = count > 1 ? `${count} keys found.` : "Paste it from the mail or the PDF; several keys at once are fine.";
  return html`<${Field} label="License key" hint=${hint} fault=${fault}>
    ${(given) => html`<textarea ...${given} class="key" rows="3" autofocus spellcheck=${false} autocomplete="off" placeholder="XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"
      value=${text} onInput=${(event) => onText(event.target.value)}></textarea>`}
  </${Field}>`;
}
