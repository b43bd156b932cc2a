// The one place that names the vendored libraries.
import { createContext, h, render } from "preact";
import htm from "htm";

export { useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
export { createContext, render };
export const html = htm.bind(h);
