// The parts pages are made of.
import { html, useEffect, useId, useRef, useState } from "./lib.js";
import { link } from "./router.js";

export function Badge({ words, code }) {
  const [label, tone] = words[code] ?? [code, ""];
  return html`<span class="badge ${tone}">${label}</span>`;
}

/** The page's heading: where it stands, its name, what can be done. `crumbs`: texts, or `[text, parts]` to go to. */
export function PageHead({ crumbs = [], title, about, children }) {
  const heading = useRef();
  useEffect(() => {
    document.title = `${title} · EnGenius Licensing`;
    heading.current.focus({ preventScroll: true });
  }, [title]);
  return html`<div>
    ${crumbs.length > 0 && html`<nav aria-label="Breadcrumb"><ol class="crumbs">
      ${crumbs.map((crumb) => html`<li>
        ${Array.isArray(crumb) ? html`<a href=${link(crumb[1])}>${crumb[0]}</a>` : crumb}
      </li>`)}
    </ol></nav>`}
    <div class="head">
      <div><h1 tabindex="-1" ref=${heading}>${title}</h1>${about && html`<p>${about}</p>`}</div>
      <div class="buttons">${children}</div>
    </div>
  </div>`;
}

/** What went wrong, and what to do about it. */
export function Failure({ problem, retry }) {
  if (!problem) return null;
  return html`<div class="notice bad" role="alert">
    <strong>${problem.detail}</strong>${problem.remedy}
    ${problem.errors.length > 1 && html`<ul>
      ${problem.errors.map((fault) => html`<li><code>${fault.field}</code> ${fault.message}</li>`)}
    </ul>`}
    ${retry && html`<div><button class="button small" onClick=${retry}>Try again</button></div>`}
  </div>`;
}

/** What is loaded, or that it is being loaded, or why it can't be. */
export function Loaded({ from, children }) {
  if (from.problem) return html`<${Failure} problem=${from.problem} retry=${from.reload} />`;
  if (from.data === undefined) return html`<p class="busy" role="status">Loading…</p>`;
  return children(from.data);
}

export function Empty({ title, children }) {
  return html`<div class="empty"><strong>${title}</strong>${children}</div>`;
}

export function Card({ title, action, children, plain, label }) {
  const id = useId();
  return html`<section class="card" aria-labelledby=${title ? id : undefined} aria-label=${label}>
    ${title && html`<header><h2 id=${id}>${title}</h2>${action}</header>`}
    ${plain ? children : html`<div class="body">${children}</div>`}
  </section>`;
}

/** A labeled control; `fault` is what the service or the page has against it. */
export function Field({ label, hint, fault, children }) {
  const id = useId();
  const notes = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${children({ id, "aria-describedby": notes, "aria-invalid": fault ? "true" : undefined })}
    ${hint && html`<span class="hint" id="${id}-hint">${hint}</span>`}
    ${fault && html`<span class="fault" id="${id}-fault">${fault}</span>`}
  </div>`;
}

export function Select({ label, value, options, onChange, wide }) {
  return html`<label><span class="unseen">${label}</span>
    <select value=${value ?? ""} onChange=${(event) => onChange(event.target.value)} class=${wide ? "wide" : ""}>
      ${options.map(([code, text]) => html`<option key=${code} value=${code} selected=${code === (value ?? "")}>${text}</option>`)}
    </select>
  </label>`;
}

/** A modal dialog as the browser knows it: focus stays inside, Escape closes. */
export function Dialog({ title, about, wide, onClose, onSubmit, footer, children }) {
  const box = useRef();
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.focus?.();
  }, []);
  const submit = (event) => {
    event.preventDefault();
    onSubmit?.();
  };
  return html`<dialog ref=${box} class=${wide ? "wide" : ""} aria-labelledby=${id} onClose=${onClose}>
    <header>
      <div><h2 id=${id}>${title}</h2>${about && html`<p>${about}</p>`}</div>
      <button type="button" class="button close" aria-label="Close" onClick=${onClose}>×</button>
    </header>
    <form class="body" id="${id}-form" onSubmit=${submit} noValidate>${children}</form>
    ${footer && html`<footer>${footer(`${id}-form`)}</footer>`}
  </dialog>`;
}

/** The footer of most dialogs: back out, or go on. */
export function Footer({ form, onCancel, cancel = "Cancel", action, busy, disabled, danger }) {
  return html`<button type="button" class="button" onClick=${onCancel}>${cancel}</button>
    ${action && html`<button class="button primary ${danger ? "danger" : ""}" form=${form} disabled=${busy || disabled}>
      ${busy ? "One moment…" : action}
    </button>`}`;
}

export function Tabs({ label, tabs, current, to }) {
  return html`<nav class="tabs" aria-label=${label}>
    ${Object.entries(tabs).map(([code, text]) => html`
      <a key=${code} href=${to(code)} aria-current=${code === current ? "page" : undefined}>${text}</a>`)}
  </nav>`;
}

export function Counters({ label, entries }) {
  return html`<${Card} plain label=${label}><dl class="counters">
    ${entries.map(({ name, value, note, tone }) => html`<div key=${name}>
      <dt>${name}</dt><dd class=${tone ?? ""}>${value}<small>${note ?? "\u00a0"}</small></dd>
    </div>`)}
  </dl></${Card}>`;
}

let showToast = () => {};

/** Says what was done, where a screen reader hears it too. */
export const toast = (text) => showToast(text);

export function Toaster() {
  const [text, setText] = useState("");
  showToast = setText;
  useEffect(() => {
    if (!text) return undefined;
    const timer = setTimeout(() => setText(""), 6000);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<div role="status" class=${text ? "toast" : "unseen"}>${text}</div>`;
}
