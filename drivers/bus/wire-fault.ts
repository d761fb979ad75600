/** Why an exchange with a controller failed. Turned into a `StationError` where the board's name is known. */
import { StationError } from "../../playback/model/station-error.ts";

/** Nobody there, no answer in time, or bytes that mean nothing: whatever is on the connection cannot be trusted any more. */
export class WireFault extends Error {}

/** A sound answer that says no: busy, not now, unknown, wrong value. */
export class Refused extends Error {}

/** Bytes of a controller for a message: at most 24 of them, in hexadecimal, so that nothing from outside reaches a terminal or a log as text. */
export function shown(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 24)).toString("hex");
  return `${start === "" ? "nothing" : start}${bytes.length > 24 ? `… (${bytes.length} bytes)` : ""}`;
}

/** Gives what goes wrong its code and the board's name. @throws StationError `display-unreachable`, `display-disobeys` */
export async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WireFault || error instanceof Refused)) throw error;
    const code = error instanceof WireFault ? "display-unreachable" : "display-disobeys";
    throw new StationError(code, `${name}: ${error.message}`, { cause: error });
  }
}
