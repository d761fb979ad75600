/** Whether a broker answers at all: before a station leaves the broker it has, the new one must be there. */
import { isIP, connect as netConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { Millis } from "../../playback/model/units.ts";

const TIMEOUT: Millis = 10_000;

/**
 * `null` where the address takes a connection (and, for `mqtts:`, completes TLS with any certificate: the real connection judges that),
 * else why not, in the words of the system.
 */
export function unreachable(url: string): Promise<string | null> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const secure = protocol === "mqtts:";
    const socket = secure
      ? tlsConnect({
          host,
          port: Number(port || 8883),
          ...(isIP(host) === 0 ? { servername: host } : {}),
          rejectUnauthorized: false,
        })
      : netConnect({ host, port: Number(port || 1883) });
    const end = (why: string | null) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(TIMEOUT, () => end(`no answer within ${TIMEOUT / 1000} s`));
    socket.once(secure ? "secureConnect" : "connect", () => end(null));
    socket.once("error", (error) => end(error.message));
  });
}
