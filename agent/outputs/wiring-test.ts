/**
 * The test of an amplifier's wires with a finger on the relay: each line moved by itself, read back, and felt. Whoever moves the lines (the
 * running agent, or set-up while none runs) makes them safe afterwards, however it ends.
 */
import { type AmplifierLines, type AmplifierReading, SAFE_LINES } from "../../playback/ports/amplifier.ts";

export type Felt = "yes" | "no" | "unasked";
export interface WiringStep {
  readonly step: "power-on" | "unmute" | "mute" | "power-off";
  readonly lines: AmplifierLines;
}

/** In the order that spares an amplifier. */
export const WIRING_STEPS: readonly WiringStep[] = [
  { step: "power-on", lines: { power: true, muted: true } },
  { step: "unmute", lines: { power: true, muted: false } },
  { step: "mute", lines: { power: true, muted: true } },
  { step: "power-off", lines: SAFE_LINES },
];

export interface WiringResult {
  readonly output: string;
  readonly steps: readonly { readonly step: string; readonly felt: Felt; readonly reading: AmplifierReading }[];
  readonly well: boolean;
}

/** What a finger should feel. */
export const FEELS: Readonly<Record<WiringStep["step"], { readonly vi: string; readonly en: string }>> = {
  "power-on": {
    vi: "Rơ-le nguồn có tách và tăng âm có sáng đèn không?",
    en: "Did the power relay click, and is the amplifier lit?",
  },
  unmute: { vi: "Đã mở tiếng: rơ-le tắt tiếng có tách không?", en: "Unmuted: did the mute relay click?" },
  mute: { vi: "Đã tắt tiếng: rơ-le có tách lại không?", en: "Muted again: did it click?" },
  "power-off": {
    vi: "Rơ-le nguồn có nhả và tăng âm có tắt đèn không?",
    en: "Did the power relay let go, and is the amplifier dark?",
  },
};

/** Whether what reads back is what was asked; an input that is not wired says nothing against it. Pure. */
export function obeyed({ lines }: WiringStep, { driven, sensed, fault }: AmplifierReading): boolean {
  const moved = driven.power === lines.power && driven.muted === lines.muted;
  return moved && fault !== true && (sensed === null || sensed === lines.power);
}

export interface Hands {
  readonly move: (lines: AmplifierLines) => Promise<AmplifierReading>;
  /** Asks what the finger felt; `null` where nobody is asked. */
  readonly feel: ((step: WiringStep) => Promise<boolean>) | null;
}

/** Goes through the steps. */
export async function wiringTest(output: string, { move, feel }: Hands): Promise<WiringResult> {
  const steps: WiringResult["steps"][number][] = [];
  let well = true;
  for (const one of WIRING_STEPS) {
    const reading = await move(one.lines);
    const felt: Felt = feel === null ? "unasked" : (await feel(one)) ? "yes" : "no";
    well &&= obeyed(one, reading) && felt !== "no";
    steps.push({ step: one.step, felt, reading });
  }
  return { output, steps, well };
}

const shown = (value: boolean | null) => (value === null ? "–" : value ? "1" : "0");

/** One step on one line, for a terminal and for the report. */
export function wiringLine({ step, felt, reading }: WiringResult["steps"][number]): string {
  const { driven, sensed, fault } = reading;
  const said = felt === "unasked" ? "" : felt === "yes" ? "✓" : "✗";
  const lines = `power ${shown(driven.power)} mute ${shown(driven.muted)} sense ${shown(sensed)} fault ${shown(fault)}`;
  return `${step.padEnd(10)} ${lines}  ${said}`.trimEnd();
}
