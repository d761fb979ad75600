/**
 * `node drivers/display/simulated/main.ts --kind novastar|pjlink|onbon|generic [--port N]`: a simulated controller, for training. Says its port on
 * standard output. On standard input: `truth` says what the board shows, a JSON object of `DisplayBehaviour` changes how it behaves (`{}`: well).
 * Ends with its input, SIGTERM or SIGINT.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { GenericConfig } from "../generic/phrasebook.ts";
import { SimulatedGeneric } from "../generic/simulated-generic.ts";
import { SimulatedNovastar } from "../novastar/simulated-novastar.ts";
import { SimulatedOnbon } from "../onbon/simulated-onbon.ts";
import { SimulatedPjlink } from "../pjlink/simulated-pjlink.ts";
import type { DisplayBehaviour } from "./behaviour.ts";
import { SimulatedDisplay, type SimulatedProtocol } from "./server.ts";

const { values } = parseArgs({
  options: {
    kind: { type: "string" },
    port: { type: "string", default: "0" },
    ports: { type: "string", default: "1" },
    password: { type: "string" },
    width: { type: "string", default: "128" },
    height: { type: "string", default: "32" },
    /** Of a generic controller: a JSON file with its words. */
    words: { type: "string" },
  },
});

function protocol(): SimulatedProtocol | null {
  switch (values.kind) {
    case "novastar":
      return new SimulatedNovastar(Number(values.ports));
    case "pjlink":
      return new SimulatedPjlink(values.password ?? null);
    case "onbon":
      return new SimulatedOnbon({ card: "6q", colours: 1, width: Number(values.width), height: Number(values.height) });
    case "generic": {
      if (values.words === undefined) return null;
      const words = JSON.parse(readFileSync(values.words, "utf8")) as GenericConfig;
      return new SimulatedGeneric(words, Buffer.from("NG\r"));
    }
    default:
      return null;
  }
}

const simulated = protocol();
if (simulated === null) {
  process.stderr.write(
    "usage: main --kind novastar|pjlink|onbon|generic --words FILE [--port N] [--ports N] [--password TEXT]\n",
  );
  process.exit(2);
}
const display = new SimulatedDisplay(simulated);
await display.start(Number(values.port));
process.stdout.write(`${display.port}\n`);
const end = () => void display.stop().then(() => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
const lines = createInterface({ input: process.stdin });
lines.on("close", end);
lines.on("line", (line) => {
  if (line.trim() === "truth") {
    process.stdout.write(`${JSON.stringify(display.truth())}\n`);
    return;
  }
  try {
    display.behave(JSON.parse(line) as Partial<DisplayBehaviour>);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
});
