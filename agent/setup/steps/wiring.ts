/** The wires of each amplifier, with a finger on the relay. The drivers are used directly, because no agent runs; off at the end whatever happens. */
import { type AmplifierConfig, createAmplifier } from "../../../drivers/amplifier/create.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Amplifier, AmplifierLines } from "../../../playback/ports/amplifier.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import { FEELS, wiringLine, wiringTest } from "../../outputs/wiring-test.ts";
import { type Answers, hardwareOf } from "../answers.ts";
import { bad, line, type Session, type Step, skipped, well } from "../session.ts";

/** A relay and its sense input need a moment. */
const SETTLE_MS = 300;

/** The amplifiers that have lines, by output; as the agent names them. */
export function wiredOf(answers: Answers): { readonly output: string; readonly config: AmplifierConfig }[] {
  const all = outputsOf({ output: "horn", hardware: hardwareOf(answers) });
  return all.flatMap(({ name, amplifier }, index) =>
    amplifier.kind === "none" ? [] : [{ output: name, config: index === 0 ? amplifier : { ...amplifier, name } }],
  );
}

/** Opens it safe, does the work, and leaves it safe, however the work ends. @throws StationError */
export async function withAmplifier<T>(
  config: AmplifierConfig,
  work: (amplifier: Amplifier) => Promise<T>,
): Promise<T> {
  const amplifier = createAmplifier(config);
  await amplifier.open();
  try {
    return await work(amplifier);
  } finally {
    await amplifier.makeSafe();
    await amplifier.close();
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const wiring: Step = {
  name: "wiring",
  async run(session: Session) {
    const { ui, words, answers } = session;
    const wired = wiredOf(answers);
    if (wired.length === 0) return null;
    if (answers.wiring === "skip" || !(await ui.confirm(words.say("fingerOnRelay"), true))) return skipped();
    const lines = [];
    let fine = true;
    for (const { output, config } of wired) {
      try {
        const result = await withAmplifier(config, (amplifier) =>
          wiringTest(output, {
            move: async (wanted: AmplifierLines) => {
              await amplifier.drive(wanted);
              await pause(SETTLE_MS);
              return amplifier.read();
            },
            feel: ui.someone ? (step) => ui.confirm(words.pick(FEELS[step.step]), true) : null,
          }),
        );
        fine &&= result.well;
        lines.push(
          line(`${output}: kết quả`, `${output}: result`, words.say(result.well ? "wiringWell" : "wiringBad")),
        );
        for (const one of result.steps) lines.push(line(output, output, wiringLine(one)));
      } catch (error) {
        if (!(error instanceof StationError)) throw error;
        fine = false;
        lines.push(line(output, output, `${error.message} → ${error.hint}`));
      }
    }
    return fine ? well(...lines) : bad(...lines);
  },
};
