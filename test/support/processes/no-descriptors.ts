/** Uses up every descriptor that it may have, then starts a child; prints how that ended. To be run under a low `ulimit -n`. */
import { openSync } from "node:fs";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";

const supervisor = new ChildSupervisor();
// What a first child takes once is no descriptor of the second.
await supervisor.run({ name: "first", command: "true", args: [] }).exited;
const held: number[] = [];
try {
  for (;;) held.push(openSync("/dev/null", "r"));
} catch {
  // There is none left.
}
const child = supervisor.run({ name: "second", command: "true", args: [] });
const chunks: Uint8Array[] = [];
for await (const chunk of child.stdout) chunks.push(chunk);
const { code, stderr } = await child.exited;
process.exitCode = code === 127 && /descriptor|EMFILE/.test(stderr) && chunks.length === 0 && held.length > 0 ? 0 : 1;
