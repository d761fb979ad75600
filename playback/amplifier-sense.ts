/** Whether what is sensed of an amplifier goes with what its lines were driven to. Pure. */
import type { PlayoutPhase } from "./playout.ts";
import type { AmplifierReading } from "./ports/amplifier.ts";

/** What is wrong with the amplifier though its lines obeyed; `null` where nothing is, or nothing is wired to tell. */
export function senseProblem({ sensed, fault }: AmplifierReading, phase: PlayoutPhase): string | null {
  if (fault === true) return "its fault line is active";
  if (sensed === null) return null;
  switch (phase) {
    case "silent":
      return sensed ? "current flows though its power is off: the relay's contact is stuck" : null;
    case "settling":
      // Supplies take their time.
      return null;
    case "opening":
    case "on-air":
    case "draining":
    case "holding":
      return sensed ? null : "no current flows though its power is on: relay, fuse or cable";
    case "fault":
      return null;
  }
}
