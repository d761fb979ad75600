/**
 * One camera, in a process of its own: `node-rtsp-stream` around ffmpeg, MPEG-1 on standard output. The package cannot be left alone with the
 * agent: it crashes where ffmpeg is missing, opens a port to the whole network, leaves ffmpeg behind, and holds whatever a slow viewer does
 * not take. Here it gets ffmpeg through `setpriv`, a port of the loopback that is closed at once, and no viewers.
 *
 * It ends with ffmpeg. Nobody restarts anything in here: whoever started this process does.
 */
import childProcess from "node:child_process";
import net from "node:net";
import { text } from "node:stream/consumers";
import { guarded, OUTPUT, parseOrders } from "./worker-orders.ts";

/** What the package gives; it has no types. */
interface RtspStream {
  on(event: "camdata", listener: (bytes: Uint8Array) => void): void;
  readonly stream: childProcess.ChildProcess;
  readonly wsServer: { close(): void };
}
interface RtspStreamOptions {
  readonly name: string;
  readonly streamUrl: string;
  readonly wsPort: number;
  readonly ffmpegOptions: Readonly<Record<string, string>>;
}

/** What the agent has not taken yet; more is left out, and the decoder finds its way again. */
const MOST_WAITING = 1024 * 1024;

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (this: net.Server, ...given: unknown[]): net.Server {
  const listener = given.findLast((one) => typeof one === "function") as (() => void) | undefined;
  return listen.call(this, { host: "127.0.0.1", port: 0 }, listener);
};
const { spawn } = childProcess;
Object.assign(childProcess, {
  spawn(_: string, given: readonly string[], options: childProcess.SpawnOptions) {
    const { command, args } = guarded(given);
    const child = spawn(command, args, options);
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(127);
    });
    return child;
  },
});

const { url } = parseOrders(await text(process.stdin));
// @ts-expect-error the package has no types
const loaded: { default: new (options: RtspStreamOptions) => RtspStream } = await import("node-rtsp-stream");
const camera = new loaded.default({ name: "camera", streamUrl: url, wsPort: 0, ffmpegOptions: OUTPUT });
camera.wsServer.close();
camera.on("camdata", (bytes) => {
  if (process.stdout.writableLength < MOST_WAITING) process.stdout.write(bytes);
});
camera.stream.on("exit", (code) => process.exit(code ?? 1));
process.stdout.on("error", () => process.exit(1));
