/**
 * What stands where in a NovaStar wall. Pure.
 * Source: NovaStar, RS232 Protocol for Nova M3 Control System V1.9, sections 3.1, 3.3, 3.6, 3.9, 3.12 and 3.18. `0100 0011` (save for good) is left out on
 * purpose: it wears the flash, and a board that forgets at power-off is told again anyway.
 */
import type { DisplayFault, TestPattern } from "../../../playback/ports/display-controller.ts";

export const REGISTER = {
  /** Receiver: model (2 bytes) and firmware (4). Whoever answers with a model other than 0 works. */
  identity: 0x0000_0000,
  /** Sender: model (2). */
  senderModel: 0x0000_0002,
  /** Sender: 1 while a picture comes in. */
  inputPresent: 0x0200_0017,
  brightness: 0x0200_0001,
  /** FF black, 00 normal. */
  black: 0x0200_0100,
  testMode: 0x0200_0101,
  monitoring: 0x0a00_0000,
} as const;

export const IDENTITY_LENGTH = 6;
export const MONITORING_LENGTH = 0x100;

/** 10 (a cycle of all) is not offered. */
const TEST_MODES: Readonly<Record<TestPattern, number>> = {
  none: 0,
  red: 2,
  green: 3,
  blue: 4,
  white: 5,
  horizontal: 6,
  vertical: 7,
  diagonal: 8,
  grey: 9,
};

export function testModeOf(pattern: TestPattern): number {
  return TEST_MODES[pattern];
}

/** `null` for a mode that has no name here. Assumed: 1, which the document reserves, is normal too, as other programs write it. */
export function patternOf(mode: number): TestPattern | null {
  if (mode === 1) return "none";
  const found = Object.entries(TEST_MODES).find(([, value]) => value === mode);
  return found === undefined ? null : (found[0] as TestPattern);
}

/** `null` where the model is 0 or missing. */
export function parseIdentity(data: Uint8Array): { readonly model: string; readonly firmware: string } | null {
  const model = data.subarray(0, 2);
  if (data.length < IDENTITY_LENGTH || model.every((byte) => byte === 0)) return null;
  return { model: Buffer.from(model).toString("hex"), firmware: data.subarray(2, 6).join(".") };
}

export interface Monitoring {
  /** Degrees Celsius of the receiving card; `null` where it has no sensor. */
  readonly temperature: number | null;
  readonly faults: readonly DisplayFault[];
}

/** Fans, smoke and doors are told only by a monitoring card. Short blocks say nothing. */
export function parseMonitoring(data: Uint8Array, at: string): Monitoring {
  const byte = (index: number) => data[index] ?? 0;
  const valid = (byte(0) & 0x80) !== 0;
  const sign = (byte(0) & 0x01) === 0 ? 1 : -1;
  const temperature = valid ? (sign * byte(1)) / 2 : null;
  const faults: DisplayFault[] = [];
  if (byte(0x20) === 0xff) {
    if ((byte(0x2a) & 0x01) !== 0) faults.push({ part: "smoke", severity: "error", at });
    const fans = [0x2b, 0x2c, 0x2d, 0x2e].map(byte);
    // Valid and standing still.
    if (fans.some((fan) => fan === 0x80)) faults.push({ part: "fan", severity: "error", at });
  }
  return { temperature, faults };
}
