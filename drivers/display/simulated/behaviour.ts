/** How a simulated controller misbehaves on the wire; all off at start. */
import type { Millis } from "../../../playback/model/units.ts";

export interface DisplayBehaviour {
  /** Each answer takes this long. */
  readonly slowMs: Millis;
  /** Takes everything, does nothing and answers nothing. */
  readonly silent: boolean;
  /** Acknowledges orders and does not carry them out; questions are answered truly. */
  readonly lying: boolean;
  /** Refuses everything for now, in its protocol's way. */
  readonly busy: boolean;
  /** `bytes`: an answer arrives byte by byte. `gathered`: what is answered within 20 ms arrives in one piece. */
  readonly pieces: "whole" | "bytes" | "gathered";
  /** Answers carry a wrong checksum, where the protocol has one. */
  readonly badChecksum: boolean;
  /** Answers with something else: once for each request, or without end. */
  readonly rubbish: "none" | "once" | "endless";
  /** Sends half of an answer and hangs up. */
  readonly cutsOff: boolean;
}

export const WELL_BEHAVED_DISPLAY: DisplayBehaviour = {
  slowMs: 0,
  silent: false,
  lying: false,
  busy: false,
  pieces: "whole",
  badChecksum: false,
  rubbish: "none",
  cutsOff: false,
};
