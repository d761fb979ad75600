/** Goes through the steps of set-up, each of which may be done, skipped, done again; what is done is on the disk before the next begins. */
import { Refused } from "../cli/command.ts";
import { Interrupted } from "../cli/prompt.ts";
import type { Draft, StepResult } from "./draft.ts";
import type { Session, Step } from "./session.ts";
import { contacts } from "./steps/contacts.ts";
import { hardware } from "./steps/hardware.ts";
import { clock, network, storage } from "./steps/machine.ts";
import { pattern, start } from "./steps/start.ts";
import { place, station } from "./steps/station.ts";
import { tone, volume } from "./steps/tone.ts";
import { wiring } from "./steps/wiring.ts";
import { write } from "./steps/write.ts";
import { STEP_TITLES } from "./titles.ts";

export const STEPS: readonly Step[] = [
  ...[place, station, hardware, wiring, contacts, tone, volume],
  ...[write, network, clock, storage, start, pattern],
];

const SIGNS = { well: "✓", bad: "✗", skipped: "–" } as const;

function show({ ui, words }: Session, { state, lines }: Pick<StepResult, "state" | "lines">): void {
  for (const { vi, en, value } of lines) ui.say(`  ${words.pick({ vi, en })}: ${value}`);
  ui.say(`  ${SIGNS[state]}`);
}

/** One step, until whoever does it is content. `back`: the one before is wanted again. */
async function once(session: Session, step: Step, draft: Draft): Promise<"next" | "back"> {
  const { ui, words, machine } = session;
  const keep = async (result: Pick<StepResult, "state" | "lines">) => {
    await draft.keep(session.answers, { step: step.name, at: new Date(machine.now()).toISOString(), ...result });
  };
  for (;;) {
    if (ui.someone) {
      const wanted = (await ui.ask(words.say("setupStep"), "")).toLowerCase();
      if (["b", "back", "l", "lùi"].includes(wanted)) return "back";
      if (["s", "skip", "q", "bỏ"].includes(wanted)) {
        await keep({ state: "skipped", lines: [] });
        return "next";
      }
    }
    try {
      const result = await step.run(session);
      if (result === null) return "next";
      show(session, result);
      await keep(result);
      if (result.state !== "bad" || !(await ui.confirm(words.say("setupAgain"), false))) return "next";
    } catch (error) {
      // A mistake in what was typed costs the step, not the set-up.
      if (!(error instanceof Refused) || !ui.someone) throw error;
      ui.say(`  ✗ ${error.message}`);
    }
  }
}

/** All steps from where the draft stands. @throws Interrupted, Refused */
export async function runSteps(session: Session, draft: Draft, resumed: boolean): Promise<void> {
  const { ui, words } = session;
  const first = resumed ? STEPS.findIndex(({ name }) => draft.resultOf(name) === null) : 0;
  for (let at = Math.max(0, first); at < STEPS.length; ) {
    if (ui.gone()) throw new Interrupted("interrupted");
    const step = STEPS[at] as Step;
    ui.say(`\n[${at + 1}/${STEPS.length}] ${words.pick(STEP_TITLES[step.name])}`);
    at = (await once(session, step, draft)) === "back" ? Math.max(0, at - 1) : at + 1;
  }
}
