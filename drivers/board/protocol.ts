/**
 * What is said to the simulated board: one JSON object a line over a unix socket, each request answered once with its `id`, in order.
 * A board carries any number of amplifiers, told apart by name and made when first named.
 */
import type { AmplifierLines } from "../../playback/ports/amplifier.ts";

/** How an amplifier misbehaves; all off at start. */
export interface Behaviour {
  /** Every request takes this long before anything happens. */
  readonly slowMs: number;
  /** No answer, and nothing happens; the lines stay as they are. */
  readonly unplugged: boolean;
  /** The power line stays where it is, and reads back so. */
  readonly stuckPower: boolean;
  /** Says that a drive was done though no line moved; reading tells the truth. */
  readonly lying: boolean;
  /** The relay's contact is welded: the lines read back as driven, the current does not follow. */
  readonly welded: boolean;
  /** The fault input is active. */
  readonly fault: boolean;
}

export const WELL_BEHAVED: Behaviour = {
  slowMs: 0,
  unplugged: false,
  stuckPower: false,
  lying: false,
  welded: false,
  fault: false,
};

export type BoardRequest = { readonly id: number; readonly amplifier: string } & (
  | { readonly op: "hello"; readonly pid: number }
  | { readonly op: "drive"; readonly lines: AmplifierLines }
  | { readonly op: "read" }
  | { readonly op: "behave"; readonly behaviour: Partial<Behaviour> }
);

export type BoardAnswer =
  | {
      readonly id: number;
      readonly ok: true;
      readonly lines: AmplifierLines;
      readonly sensed: boolean;
      readonly fault: boolean;
    }
  | { readonly id: number; readonly ok: false; readonly error: string };

/** One line of the board's own log. */
export interface BoardLogLine {
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** CLOCK_MONOTONIC in milliseconds: comparable between processes of one boot. */
  readonly monotonicMs: number;
  readonly event: "start" | "lines" | "behave" | "peer" | "peer-gone";
  readonly amplifier?: string;
  /** What the peer said that it is; `null` where it said nothing. */
  readonly pid?: number | null;
  readonly power?: boolean;
  readonly muted?: boolean;
  readonly sensed?: boolean;
  readonly behaviour?: Behaviour;
}

/** CLOCK_MONOTONIC in milliseconds, as in the board's log. */
export function boardMonotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Splits what arrives into lines; a line longer than 64 KiB is nobody's and throws. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    rest += chunk;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > 65_536) throw new Error("a line of the board's protocol is longer than 64 KiB");
    for (const line of lines) onLine(line);
  };
}
