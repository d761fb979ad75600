/**
 * HTTPS PUT of what is too large for the broker, to the address that stands in the signed command and nowhere else: redirects are refused,
 * the answer's body is not read, size and time are bounded. The address may hold a grant, so only its host is ever written down.
 */
import type { Millis } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { type CommandResult, done, failed } from "./family.ts";

/** As the global `fetch`; tests bring their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Pick<Response, "status" | "body">>;

export interface PutPorts {
  readonly clock: Clock;
  readonly fetch: Fetch;
}

export interface Upload {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Some minutes of a 64 kbit link. */
export const LARGEST_UPLOAD = 4_000_000;
export const SLOWEST_UPLOAD: Millis = 600_000;

const words = (error: unknown) => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  // A message may quote the address; a code does not.
  return cause instanceof Error && "code" in cause ? String(cause.code) : "no connection, or it broke off";
};

/** Says whether the host took it. A host that does not answer within `SLOWEST_UPLOAD`, or an abort of `signal`, ends it. */
export async function put(ports: PutPorts, url: string, upload: Upload, signal: AbortSignal): Promise<CommandResult> {
  const { host, protocol, username } = new URL(url);
  if (protocol !== "https:" || username !== "") return failed(`${host}: only plain HTTPS addresses are served`);
  const { bytes, type } = upload;
  if (bytes.length > LARGEST_UPLOAD) return failed(`${bytes.length} bytes; at most ${LARGEST_UPLOAD} are sent`);
  const late = new AbortController();
  const settled = new AbortController();
  const deadline = ports.clock.wait(SLOWEST_UPLOAD, settled.signal).then(() => late.abort());
  try {
    const answer = await ports.fetch(url, {
      method: "PUT",
      body: new Uint8Array(bytes),
      headers: { "content-type": type },
      redirect: "error",
      signal: AbortSignal.any([signal, late.signal]),
    });
    await answer.body?.cancel();
    if (answer.status >= 200 && answer.status < 300) return done(`${bytes.length} bytes to ${host}`);
    return failed(`${host} answered ${answer.status}`);
  } catch (error) {
    if (signal.aborted) return { status: "cancelled", detail: `the upload to ${host} was cut off` };
    if (late.signal.aborted) return failed(`${host} took longer than ${SLOWEST_UPLOAD / 1_000} s`);
    return failed(`${host}: ${words(error)}`);
  } finally {
    settled.abort();
    await deadline;
  }
}
