/**
 * Live sources that a content key approved. A schedule or a grant only names a pin; where it leads is signed here, and nothing that a
 * source answers (a redirect, a playlist, a segment) leads anywhere else. A line into the station itself is a live source like the others.
 */
import type { Decibels } from "./units.ts";

export const LIVE_KINDS = ["icecast", "hls", "rtsp", "rtmp", "srt", "rtp", "line"] as const;
export type LiveKind = (typeof LIVE_KINDS)[number];

export interface LivePin {
  readonly id: string;
  readonly kind: LiveKind;
  /** May hold a user and a password: see `withoutSecrets` before it is written anywhere. A `line:NAME` names an input of the station. */
  readonly url: string;
  /** Further hosts that redirects and segments may come from: `host` (its ports 80 and 443) or `host:port`. */
  readonly hosts: readonly string[];
  /** Session description (RFC 8866) of an RTP stream whose payload type does not tell its coding. */
  readonly sdp?: string | undefined;
}

/** What captures a receiver or a line: a device as ALSA (`plughw:CARD=FM`) or PulseAudio calls it. */
export interface LineInput {
  readonly kind: "alsa" | "pulse";
  readonly device: string;
}

/** The input of the station that a pin of kind `line` names. */
export function lineOf({ url }: Pick<LivePin, "url">): string {
  return url.slice("line:".length);
}

/** A source below this is silent. Assumed: the dead-air detector of broadcast practice. */
export const QUIET_BELOW: Decibels = -40;

/**
 * How a live item stands. `connecting`: nothing was received yet. `playing`: it is heard. `silent`: heard, but below the threshold for
 * a while. `stalled`: nothing more comes. `fallback`: given up for now; something else sounds, and the source is watched.
 */
export const LIVE_STATES = ["connecting", "playing", "silent", "stalled", "fallback"] as const;
export type LiveState = (typeof LIVE_STATES)[number];

/** The text with user, password and query of every address taken out, fit for a log, a journal and the status. */
export function withoutSecrets(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>]*)/gi, (_, scheme: string, rest: string) => {
    const [address = ""] = rest.split(/[?#]/, 1);
    const authority = address.split("/", 1)[0] ?? "";
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    return `${scheme}${host}${address.slice(authority.length)}${rest.length > address.length ? "?…" : ""}`;
  });
}
