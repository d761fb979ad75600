/** `loa test amp`: each line of an amplifier moved by the running agent, with a finger on the relay; off at the end whatever happens. */
import type { AmplifierLines, AmplifierReading } from "../../../playback/ports/amplifier.ts";
import { SAFE_LINES } from "../../../playback/ports/amplifier.ts";
import { caller } from "../caller.ts";
import { EXIT, type Invocation, Refused } from "../command.ts";
import { Prompt } from "../prompt.ts";

type Felt = "yes" | "no" | "unasked";
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

/** Goes through the steps. Whoever calls it makes the lines safe afterwards, however it ends. */
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

export function wiringLine({ step, felt, reading }: WiringResult["steps"][number]): string {
  const { driven, sensed, fault } = reading;
  return `  ${step.padEnd(10)} power ${shown(driven.power)} mute ${shown(driven.muted)} sense ${shown(sensed)} fault ${shown(fault)}  ${felt === "unasked" ? "" : felt === "yes" ? "✓" : "✗"}`;
}

/** Through the running agent. */
export async function testAmplifier(invocation: Invocation, wanted: string | undefined): Promise<number> {
  const { ask, flags, words, print } = invocation;
  const { outputs } = (await ask("GET", "/v1/test/amplifier")) as { outputs: string[] };
  const chosen = wanted === undefined ? outputs : outputs.filter((one) => one === wanted);
  if (chosen.length === 0) throw new Refused(words.say("noAmplifier", { outputs: outputs.join(", ") }));
  const prompt = flags.yes ? null : new Prompt(words);
  const results: WiringResult[] = [];
  try {
    if (prompt !== null && !(await prompt.confirm(words.say("fingerOnRelay"), true))) return EXIT.ok;
    for (const output of chosen) results.push(await one(invocation, output, prompt));
  } finally {
    prompt?.close();
  }
  if (flags.json) print(JSON.stringify(results));
  else {
    for (const { output, steps, well } of results) {
      print(`${output}: ${words.say(well ? "wiringWell" : "wiringBad")}`);
      for (const step of steps) print(wiringLine(step));
    }
  }
  return results.every(({ well }) => well) ? EXIT.ok : EXIT.concern;
}

async function one({ ask, words }: Invocation, output: string, prompt: Prompt | null): Promise<WiringResult> {
  let result: WiringResult | null = null;
  const move = (lines: AmplifierLines) =>
    ask("POST", "/v1/test/amplifier", { output, ...lines, by: caller() }) as Promise<AmplifierReading>;
  try {
    result = await wiringTest(output, {
      move,
      feel:
        prompt === null ? null : (step) => held(prompt.confirm(words.pick(FEELS[step.step]), true), step.lines, move),
    });
    return result;
  } finally {
    const felt = result?.steps.map(({ step, felt: as }) => ({ step, as })) ?? [];
    await ask("POST", "/v1/test/amplifier/end", { output, by: caller(), felt });
  }
}

/** The agent gives lines back that nobody asks for; a hand may take longer than that. */
const KEEP_EVERY_MS = 4_000;
async function held<T>(answer: Promise<T>, lines: AmplifierLines, move: Hands["move"]): Promise<T> {
  let failure: unknown = null;
  const keeping = setInterval(() => {
    move(lines).catch((error: unknown) => {
      failure ??= error;
    });
  }, KEEP_EVERY_MS);
  try {
    const given = await answer;
    if (failure !== null) throw failure;
    return given;
  } finally {
    clearInterval(keeping);
  }
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
