/** Whether lines are where they were driven to. */
import { StationError } from "../../playback/model/station-error.ts";
import { type AmplifierLines, type AmplifierReading, SAFE_LINES } from "../../playback/ports/amplifier.ts";

/** @throws StationError `amplifier-disobeys` */
export function assertObeyed(name: string, asked: AmplifierLines, driven: AmplifierLines): void {
  if (same(asked, driven)) return;
  throw new StationError(
    "amplifier-disobeys",
    `${name}: asked for ${words(asked)}, the lines read back ${words(driven)}`,
  );
}

/** True where the lines read back safe. What is sensed is not asked: a welded contact is the planner's to see and to report. */
export function isSafe(reading: AmplifierReading): boolean {
  return same(reading.driven, SAFE_LINES);
}

function same(a: AmplifierLines, b: AmplifierLines): boolean {
  return a.power === b.power && a.muted === b.muted;
}

function words(lines: AmplifierLines): string {
  return `power ${lines.power ? "on" : "off"}, ${lines.muted ? "muted" : "not muted"}`;
}
