/** Keys, buttons and what watches over the place: asked for, then each moved by hand. The drivers are used directly, because no agent runs. */
import { Buses } from "../../../drivers/bus/bus.ts";
import { createContact } from "../../../drivers/input/create.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { Interrupted } from "../../cli/prompt.ts";
import type { HardwareFile } from "../../config/hardware-file.ts";
import { hardwareOf } from "../answers.ts";
import { type ContactTrial, tryContact } from "../contact-trial.ts";
import type { ResultLine } from "../draft.ts";
import { bad, line, type Session, type Step, skipped, well } from "../session.ts";
import { askContacts, PURPOSES } from "./contact-questions.ts";
import { pause } from "./wiring.ts";

type ContactFile = HardwareFile["contacts"][number];

const READ_EVERY_MS = 100;

/** Where it is wired, as people write it. */
function spotOf(one: ContactFile): string {
  if (one.kind === "simulated") return one.file;
  const low = (activeLow: boolean) => (activeLow ? " low" : "");
  if (one.kind === "gpio") return `${one.line.chip}:${one.line.offset}${low(one.line.activeLow)}`;
  const { link, unit, input, activeLow } = one;
  return `${link.kind === "tcp" ? link.host : link.device}/${unit}:${input}${low(activeLow)}`;
}

/** Moved by hand, or only read where nobody is to move it. @throws Interrupted */
async function trialOf(session: Session, one: ContactFile, buses: Buses): Promise<ContactTrial | StationError> {
  const { ui, words, answers } = session;
  const { name, does, steadyMs, output: _, ...wired } = one;
  const seconds = answers.contactSeconds;
  const contact = createContact(name, wired, buses);
  const is = (closed: boolean) => words.say(closed ? "contactClosed" : "contactOpen");
  const make = (closed: boolean) => words.say(closed ? "contactClose" : "contactOpenUp");
  try {
    await contact.open();
    return await tryContact(contact, {
      ...{ steadyMs, everyMs: wired.kind === "modbus" ? wired.readEveryMs : READ_EVERY_MS, withinMs: seconds * 1_000 },
      ready: (closed) => {
        const said = { name, does: words.pick(PURPOSES[does]), state: is(closed), act: make(!closed), seconds };
        if (ui.someone) return ui.confirm(words.say("contactTry", said), true);
        if (answers.contacts === "try") ui.say(`  ${words.say("contactTry", said)}`);
        return Promise.resolve(answers.contacts === "try");
      },
      moved: (closed) => ui.say(`  ✓ ${words.say("contactBack", { state: is(closed), act: make(!closed), seconds })}`),
      pause: (ms) => {
        // Ctrl-C must not wait for a hand.
        if (ui.gone()) throw new Interrupted("interrupted");
        return pause(ms);
      },
      monotonic: () => performance.now(),
    });
  } catch (error) {
    if (error instanceof StationError) return error;
    throw error;
  } finally {
    await contact.close();
  }
}

function told({ words, answers }: Session, one: ContactFile, result: ContactTrial | StationError): ResultLine {
  const { vi, en } = PURPOSES[one.does];
  const value = () => {
    if (result instanceof StationError) return `✗ ${result.message} → ${result.hint}`;
    const { verdict, seen } = result;
    const way = seen.map((closed) => words.say(closed ? "contactClosed" : "contactOpen")).join(" → ");
    if (verdict === "well") return `✓ ${way}`;
    if (verdict === "untested") return `– ${words.say("contactUntested")} (${way})`;
    const seconds = answers.contactSeconds;
    return `✗ ${way} ${words.say(verdict === "stuck" ? "contactStuck" : "contactRestless", { seconds })}`;
  };
  return line(`${one.name} (${vi})`, `${one.name} (${en})`, `${spotOf(one)}: ${value()}`);
}

const isWell = (result: ContactTrial | StationError) => "verdict" in result && result.verdict === "well";
const isBad = (result: ContactTrial | StationError) =>
  result instanceof StationError || ["stuck", "restless"].includes(result.verdict);

export const contacts: Step = {
  name: "contacts",
  async run(session) {
    const { ui, words } = session;
    if (ui.someone) session.answers = { ...session.answers, hardware: await askContacts(session) };
    const wired = hardwareOf(session.answers).contacts;
    if (wired.length === 0) return ui.someone ? well(line("Tiếp điểm", "Contacts", words.say("nothing"))) : null;
    const untested = `– ${words.say("contactUntested")}`;
    if (session.answers.contacts === "skip") {
      return skipped(...wired.map((one) => line(one.name, one.name, `${spotOf(one)}: ${untested}`)));
    }
    const buses = new Buses();
    const results: (ContactTrial | StationError)[] = [];
    for (const one of wired) {
      let result = await trialOf(session, one, buses);
      while (isBad(result) && ui.someone) {
        ui.say(`  ${told(session, one, result).value}`);
        if (!(await ui.confirm(words.say("contactAgain", { name: one.name }), false))) break;
        result = await trialOf(session, one, buses);
      }
      results.push(result);
    }
    const lines = wired.map((one, at) => told(session, one, results[at] as ContactTrial | StationError));
    if (results.some(isBad)) return bad(...lines);
    return results.every(isWell) ? well(...lines) : skipped(...lines);
  },
};
