/**
 * A tunnel to the one host of an RTSP or RTMP source. These protocols redirect by an answer that ffmpeg follows outside the tunnel, so
 * the tunnel reads what the server says and breaks off before such an answer is whole.
 *
 * What it cannot do: an RTMP server that wants to may cut its answer into chunks (chunk headers in between) so that the words are not
 * seen. ffmpeg before 6.1 knows no RTMP redirect at all; from 6.1 on such a server, which the province pinned, could lead elsewhere.
 */
import { createServer, type Server } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { endpointOf } from "./allowed-hosts.ts";
import { dial } from "./dial.ts";
import type { Refuse } from "./gate.ts";

/** Whether what the server says so far must not be passed on; `tail` is the end of what was passed. */
type Judge = (text: string) => boolean;

const RTSP = "RTSP/";
/** The longest beginning that decides: `RTSP/1.0 2`. */
const RTSP_DECIDES = 10;
const RTMP_REJECTED = "Connect.Rejected";

/** Anything that says RTSP must be a request or an answer that is no redirect: `RTSP/1.0` and a status that does not begin with 3. */
function redirectsRtsp(text: string): boolean {
  for (let at = text.indexOf(RTSP); at >= 0; at = text.indexOf(RTSP, at + 1)) {
    const beginning = text.slice(at, at + RTSP_DECIDES);
    if (beginning.length === RTSP_DECIDES && !/^RTSP\/1\.0(?: [1245]|[\r\n])/.test(beginning)) return true;
  }
  return false;
}

const JUDGES: Readonly<Record<"rtsp" | "rtmp", Judge>> = {
  rtsp: redirectsRtsp,
  rtmp: (text) => text.includes(RTMP_REJECTED),
};

export function tunnelGate(pin: LivePin, refuse: Refuse): Server {
  const to = endpointOf(new URL(pin.url));
  const judge = JUDGES[pin.kind === "rtmp" ? "rtmp" : "rtsp"];
  return createServer({ noDelay: true }, (client) => {
    const server = dial(to);
    let tail = "";
    server.on("data", (chunk: Buffer) => {
      const text = tail + chunk.toString("latin1");
      if (judge(text)) {
        refuse(
          `the source turns the station away or sends it elsewhere, which the pin '${pin.id}' does not allow`,
          true,
        );
        server.destroy();
        return;
      }
      tail = text.slice(-RTMP_REJECTED.length);
      if (!client.write(chunk)) server.pause();
    });
    client.on("drain", () => server.resume());
    client.pipe(server);
    server.on("error", ({ message }) => refuse(message, false));
    client.on("error", () => server.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  });
}
