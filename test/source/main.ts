/** A provincial desk in a terminal, for trying a station by hand: `node test/source/main.ts --help`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Mosquitto } from "../support/processes/mosquitto.ts";
import { describeMessage, perform, WORDS } from "./desk.ts";
import { MediaLibrary } from "./library.ts";
import { MediaServer } from "./media-server.ts";
import { ProvincialSource } from "./source.ts";

const HELP = `A reference provincial source for trying a Loa station by hand.

  node test/source/main.ts --folder FOLDER (--broker URL | --start-broker [--port N]) [options]

  --folder FOLDER   keys, sequence numbers, stored events; made where it is missing
  --broker URL      an MQTT 5 broker, such as mqtt://127.0.0.1:1883
  --start-broker    start a private Mosquitto with its data in FOLDER
  --port N          port of that broker; a free one where nothing is said
  --province NN     two digits; 01 where nothing is said
  --json            print what stations say as JSON lines
  --no-time         do not answer births with signed time

At the start the trust document is published and FOLDER/root.json is written for the station to pin.
What stations say is printed as it comes. Lines on the standard input:

${Object.values(WORDS)
  .map(({ usage, help }) => `  ${usage}\n      ${help}`)
  .join("\n")}
  quit
`;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      folder: { type: "string" },
      broker: { type: "string" },
      "start-broker": { type: "boolean", default: false },
      port: { type: "string" },
      province: { type: "string", default: "01" },
      json: { type: "boolean", default: false },
      "no-time": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

async function main(): Promise<void> {
  const options = parseOptions();
  const { folder } = options;
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  if (folder === undefined || (options.broker === undefined) === !options["start-broker"]) {
    throw new Error("--folder and one of --broker and --start-broker are needed; see --help");
  }
  await mkdir(folder, { recursive: true });
  await using cleanup = new AsyncDisposableStack();
  let url = options.broker;
  if (url === undefined) {
    const port = options.port === undefined ? {} : { port: Number(options.port) };
    url = cleanup.use(await Mosquitto.start({ folder: join(folder, "broker"), ...port })).url;
  }
  const source = cleanup.use(
    await ProvincialSource.open(folder, {
      broker: url,
      ceremony: { province: options.province },
      time: { answers: !options["no-time"] },
      heard: (station, message) =>
        console.log(options.json ? JSON.stringify(message) : describeMessage(station, message)),
    }),
  );
  const media = cleanup.use(await MediaServer.start());
  const desk = { source, media, library: await MediaLibrary.open(join(folder, "media")) };
  console.log(`broker ${url}`);
  console.log(`root ${await source.ceremony.writeRootFile(folder)}`);
  console.log(`trust seq=${(await source.publishTrust()).claims.seq}`);

  const lines = createInterface({ input: process.stdin });
  process.once("SIGINT", () => lines.close());
  process.once("SIGTERM", () => lines.close());
  for await (const line of lines) {
    if (line.trim() === "quit") break;
    if (line.trim() === "") continue;
    try {
      console.log(await perform(desk, line));
    } catch (error) {
      // A person made a mistake; the desk stays open and says which.
      console.log(`error ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

try {
  await main();
  // An open pipe on the standard input would keep the process.
  process.stdin.destroy();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
