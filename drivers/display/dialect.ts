/** What tells one protocol from another. Everything around it (turns, connections, comparing, faults) is `ProtocolDisplay`. */
import type {
  BoardImage,
  DisplayAbilities,
  DisplayAspect,
  DisplayReport,
  DisplaySettings,
  DisplayStatus,
} from "../../playback/ports/display-controller.ts";
import type { Line } from "../bus/connection.ts";

/** One aspect with its value. */
export type DisplayOrder = {
  readonly [A in DisplayAspect]: { readonly aspect: A; readonly value: DisplaySettings[A] };
}[DisplayAspect];

export type DisplayHealth = Omit<DisplayStatus, "commanded" | "driven" | "reported">;

/** All methods fail with `WireFault` or `Refused`, and wait only through `line.receive`, which ends. */
export interface Dialect {
  readonly can: DisplayAbilities;
  /** Resolves when the controller took it, where it says so. */
  tell(line: Line, order: DisplayOrder): Promise<void>;
  /** What it says of the aspects asked for; several where it speaks for several parts that may differ. Never empty. */
  report(line: Line, aspects: readonly DisplayAspect[]): Promise<readonly DisplayReport[]>;
  health(line: Line): Promise<DisplayHealth>;
  show?(line: Line, image: BoardImage): Promise<void>;
  clear?(line: Line, area: number): Promise<void>;
}

export const NO_HEALTH: DisplayHealth = { model: null, firmware: null, temperature: null, input: null, faults: null };
