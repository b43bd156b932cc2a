import { App } from "./app.js";
import { loadConfig } from "./config.js";
import { html, render } from "./lib.js";

await loadConfig();
render(html`<${App} />`, document.getElementById("app"));
