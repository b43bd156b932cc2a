// Registering devices: one in a form, or many pasted from a list.
import { post } from "../api.js";
import { html, useState } from "../lib.js";
import { useCommand } from "../loading.js";
import { Lines } from "../table.js";
import { Dialog, Failure, Field, Footer } from "../ui.js";
import { CATEGORY, OUTCOME, say } from "../words.js";
import { plural } from "../dates.js";

const BLANK = { serial: "", mac: "", model: "", category: "ap", series: "standard", name: "" };
const CATEGORIES = Object.entries(CATEGORY).slice(0, 7);
const GOOD = ["registered", "already_yours"];

export function RegisterDevices({ org, onClose, onDone }) {
  const [device, setDevice] = useState(BLANK);
  const [pasted, setPasted] = useState("");
  const [many, setMany] = useState(false);
  const [results, setResults] = useState(null);
  const { busy, problem, run } = useCommand();
  const devices = many ? parsed(pasted) : [filled(device)];
  const register = async () => {
    const done = await run(() => post(`/orgs/${encodeURIComponent(org)}/devices`, { devices }));
    if (!done) return;
    const bad = done.results.filter((result) => !GOOD.includes(result.outcome));
    if (bad.length === 0) onDone(`${plural(done.results.length, "device")} registered.`);
    else setResults(done.results);
  };
  if (results) {
    const count = results.filter((result) => GOOD.includes(result.outcome)).length;
    return html`<${Dialog} title="Some devices were not registered" about="${count} of ${results.length} are in the inventory." onClose=${() => onDone()} onSubmit=${() => onDone()}
      footer=${(form) => html`<button class="button primary" form=${form}>Done</button>`}>
      <div class="inset"><${Lines} caption="Results" rows=${results} columns=${[
        { name: "Serial", show: (row) => row.serial },
        { name: "Result", show: (row) => html`<span class=${GOOD.includes(row.outcome) ? "" : "bad"}>${say(OUTCOME, row.outcome)}</span>` },
      ]} /></div>
    </${Dialog}>`;
  }
  const ready = devices.length > 0 && devices.length <= 100 && devices.every((one) => one.serial && one.model);
  return html`<${Dialog} title="Register devices" about="Devices belong to one organization’s inventory at a time." onClose=${onClose} onSubmit=${register}
    footer=${(form) => html`<button type="button" class="button plain" onClick=${() => setMany(!many)}>${many ? "One device" : "Several at once"}</button>
      <${Footer} form=${form} onCancel=${onClose} action=${many && devices.length > 1 ? `Register ${devices.length}` : "Register"} busy=${busy} disabled=${!ready} />`}>
    ${many ? html`<${Several} text=${pasted} onText=${setPasted} count=${devices.length} />` : html`<${One} device=${device} onChange=${setDevice} problem=${problem} />`}
    <${Failure} problem=${problem} />
  </${Dialog}>`;
}

function One({ device, onChange, problem }) {
  const fault = (name) => problem?.errors.find((each) => each.field.endsWith(`.${name}`))?.message;
  const text = (name, label, more = {}) => html`<${Field} label=${label} fault=${fault(name)} hint=${more.hint}>
    ${(given) => html`<input ...${given} value=${device[name]} autocomplete="off" spellcheck=${false} autofocus=${name === "serial"}
      onInput=${(event) => onChange({ ...device, [name]: event.target.value })} />`}
  </${Field}>`;
  const select = (name, label, options) => html`<${Field} label=${label}>
    ${(given) => html`<select ...${given} value=${device[name]} onChange=${(event) => onChange({ ...device, [name]: event.target.value })}>
      ${options.map(([code, said]) => html`<option key=${code} value=${code} selected=${code === device[name]}>${said}</option>`)}</select>`}
  </${Field}>`;
  return html`
    <div class="row">${text("serial", "Serial number")}${text("mac", "MAC address")}</div>
    <div class="row">${text("model", "Model", { hint: "As printed on the device, e.g. ECW230S" })}${text("name", "Name (optional)")}</div>
    <div class="row">${select("category", "Category", CATEGORIES)}${select("series", "Series", [["standard", "Standard"], ["lite", "Lite"]])}</div>`;
}

function Several({ text, onText, count }) {
  return html`<${Field} label="Devices" hint="One a line: serial, MAC, model, category (${CATEGORIES.map(([code]) => code).join(", ")}), name. ${plural(count, "device")} found; at most 100 at once.">
    ${(given) => html`<textarea ...${given} class="key" rows="8" spellcheck=${false} value=${text} onInput=${(event) => onText(event.target.value)}
      placeholder="SN0001, 88:DC:96:00:00:01, ECW230S, ap, Lobby"></textarea>`}
  </${Field}>`;
}

function parsed(text) {
  return text.split("\n").map((line) => line.split(/[,;\t]/).map((part) => part.trim())).filter(([serial]) => serial)
    .map(([serial, mac = "", model = "", category = "ap", name = ""]) => filled({ serial, mac, model, category, name }));
}

/** Without what was left empty. */
const filled = (device) =>
  Object.fromEntries(Object.entries(device).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
