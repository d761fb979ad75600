/** The wires of each amplifier, with a finger on the relay. The drivers are used directly, because no agent runs; off at the end whatever happens. */
import { type AmplifierConfig, createAmplifier } from "../../../drivers/amplifier/create.ts";
import { GuardLink } from "../../../drivers/guard/guard-link.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Amplifier, AmplifierLines } from "../../../playback/ports/amplifier.ts";
import { Interrupted } from "../../cli/prompt.ts";
import { outputsOf } from "../../config/hardware-file.ts";
import { guardOrigin } from "../../guard-origin.ts";
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

/**
 * Opens it safe, does the work, and leaves it safe, however the work ends; where set-up itself is killed, a guard does. @throws StationError,
 * Interrupted where nobody waits for it any more
 */
export async function withAmplifier<T>(
  { ui, words }: Session,
  config: AmplifierConfig,
  work: (amplifier: Amplifier) => Promise<T>,
): Promise<T> {
  if (ui.gone()) throw new Interrupted("interrupted");
  const amplifier = createAmplifier(config);
  let guard: GuardLink | null = null;
  try {
    await amplifier.open();
    guard = await GuardLink.start({
      from: guardOrigin(),
      amplifiers: [config],
      onLost: ({ how }) => ui.say(`  ✗ ${words.say("setupGuardLost", { how })}`),
    });
    return await work(amplifier);
  } finally {
    await amplifier.makeSafe();
    await amplifier.close();
    // It makes it safe once more, with lines of its own, and ends.
    const exit = await guard?.close();
    if (exit?.done?.amplifiers.some(({ safe }) => !safe)) ui.say(`  ✗ ${words.say("notSafe")}`);
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
        const result = await withAmplifier(session, config, (amplifier) =>
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
