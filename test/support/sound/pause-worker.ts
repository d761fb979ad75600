/** The clockwork of `PauseWatch`, in a thread of its own, so that only the machine can hold it up. */
import { parentPort } from "node:worker_threads";

const EVERY_MS = 5;
/** Well above what a timer is late on a machine that runs. */
const PAUSE_MS = 25;

let last = performance.now();
setInterval(() => {
  const now = performance.now();
  const gap = now - last;
  last = now;
  const to = performance.timeOrigin + now;
  if (gap >= PAUSE_MS) parentPort?.postMessage({ from: to - gap, to });
}, EVERY_MS);
