// Reading and doing: the states every view goes through.
import { useEffect, useRef, useState } from "./lib.js";

/** What `load` gives: `{data, problem, loading, reload}`. What was there stays shown while it is read again. */
export function useLoad(load, inputs) {
  const [state, setState] = useState({ loading: true });
  const [turn, setTurn] = useState(0);
  const known = useRef(inputs);
  useEffect(() => {
    let live = true;
    const same = known.current.every((input, index) => input === inputs[index]);
    known.current = inputs;
    setState((before) => ({ data: same ? before.data : undefined, loading: true }));
    load().then(
      (data) => live && setState({ data, loading: false }),
      (problem) => live && setState({ problem, loading: false }),
    );
    return () => (live = false);
  }, [...inputs, turn]);
  return { ...state, reload: () => setTurn((before) => before + 1) };
}

/** A command: `{busy, problem, run, forget}`. `run` answers what was done, undefined when it was refused. */
export function useCommand() {
  const [state, setState] = useState({ busy: false });
  async function run(command) {
    setState({ busy: true });
    try {
      const answer = await command();
      setState({ busy: false });
      return answer;
    } catch (problem) {
      if (!problem.detail) throw problem;
      setState({ busy: false, problem });
      return undefined;
    }
  }
  return { ...state, run, forget: () => setState({ busy: false }) };
}
