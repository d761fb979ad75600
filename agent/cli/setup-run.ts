/** What `loa setup` does: begins or goes on, makes room, goes through the steps, and ends with the report. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { readIfPresent } from "../../storage/durable-file.ts";
import { hardware as hardwareSchema } from "../config/hardware-file.ts";
import { parseYaml } from "../config/yaml.ts";
import { Machine } from "../doctor/machine.ts";
import { readStation } from "../doctor/read-station.ts";
import { passed } from "../setup/acceptance-page.ts";
import { type Answers, answers } from "../setup/answers.ts";
import { Draft } from "../setup/draft.ts";
import { findHardware } from "../setup/finding.ts";
import { report } from "../setup/report.ts";
import { runSteps } from "../setup/run-setup.ts";
import { promptUi, type Session, silentUi, type Ui } from "../setup/session.ts";
import { section } from "../setup/steps/write.ts";
import { acceptanceLine } from "./acceptance-line.ts";
import { askedStatus } from "./asked-status.ts";
import { EXIT, type Invocation, Refused } from "./command.ts";
import { Interrupted, Prompt } from "./prompt.ts";
import { VERSION } from "./version.ts";

/** What ends it from outside: Ctrl-C where nobody is asked, a stop, the line to the board that drops. */
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @throws Refused with every mistake */
function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refused(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}

/** Paths of a file count from its own folder. @throws Refused with every mistake */
async function toldBy(name: string): Promise<Answers> {
  const read = parseYaml(await readFile(name, "utf8"));
  if (!("value" in read)) throw new Refused(read.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  const told = checked(answers, read.value ?? {});
  const placed = (path: string | undefined) => (path === undefined ? {} : resolve(dirname(name), path));
  const { commission, root, photos } = told;
  return {
    ...told,
    ...(commission === undefined ? {} : { commission: placed(commission) as string }),
    ...(root === undefined ? {} : { root: placed(root) as string }),
    photos: photos.map((path) => resolve(dirname(name), path)),
  };
}

/** What is known already is what is suggested. */
async function knownFrom(config: string): Promise<Answers> {
  const file = await readStation(config);
  if (file === null) return answers.parse({});
  const { station, commune, province, hamlet, root, uplink, limits } = file;
  return answers.parse({
    ...{ station, commune, province, root, brokers: uplink.brokers, volumeCeiling: limits.volumeCeiling },
    ...(hamlet === undefined ? {} : { hamlet }),
  });
}

/** The whole of it: as it is written, without the defaults that a reader adds, under what is told now. @throws Refused with every mistake */
async function wholeHardware(config: string, told: Answers["hardware"]): Promise<Answers["hardware"]> {
  const text = await readIfPresent(config);
  const read = text === null ? null : parseYaml(text);
  const written = read !== null && "value" in read ? section(section(read.value).hardware) : {};
  const hardware = { ...written, ...told };
  checked(z.object({ hardware: hardwareSchema }), { hardware });
  return hardware;
}

/** Two masters must not move the same lines. */
async function makeRoom({ ask, words }: Invocation, ui: Ui, machine: Machine, told: Answers): Promise<void> {
  if ((await askedStatus(ask)) === null) return;
  if (!(await ui.confirm(words.say("setupStop"), told.stopAgent))) throw new Refused(words.say("setupRunning"));
  await machine.run("systemctl", ["stop", "loa"], 30_000);
  if ((await askedStatus(ask)) !== null) throw new Refused(words.say("setupRunning"));
}

async function begun(invocation: Invocation, ui: Ui, config: string): Promise<{ draft: Draft; resumed: boolean }> {
  const { flags, words } = invocation;
  const found = await Draft.find(config);
  if (found !== null && flags.from === null) {
    const at = words.time(found.content.at);
    if (await ui.confirm(words.say("setupResume", { at }), true)) return { draft: found, resumed: true };
  }
  const known = flags.from === null ? await knownFrom(config) : await toldBy(resolve(flags.from));
  const hardware = await wholeHardware(config, known.hardware);
  const told = { ...known, hardware, ...(flags.state === null ? {} : { state: resolve(flags.state) }) };
  return { draft: Draft.begin(config, told, new Date().toISOString()), resumed: false };
}

export async function runSetup(invocation: Invocation): Promise<number> {
  const { ask, flags, print, words } = invocation;
  const config = resolve(flags.config);
  const machine = new Machine();
  const prompt = flags.from === null ? new Prompt(words) : null;
  const say = flags.json ? () => undefined : print;
  let leaving = false;
  // Whatever was moved is put back first, as after Ctrl-C.
  const leave = () => {
    leaving = true;
    prompt?.close();
  };
  for (const signal of ENDINGS) process.on(signal, leave);
  // They go with the line, and are written to until all is safe.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leave);
  const ui = prompt === null ? silentUi(say, () => leaving) : promptUi(prompt, say);
  try {
    const { draft, resumed } = await begun(invocation, ui, config);
    await makeRoom(invocation, ui, machine, draft.content.answers);
    const session: Session = {
      ...{ ui, words, ask, machine, configFile: config, version: VERSION, answers: draft.content.answers },
      found: await findHardware(machine),
      resultOf: (step) => draft.resultOf(step),
    };
    await runSteps(session, draft, resumed);
    const { results } = draft.content;
    const made = await report({
      ...{ answers: session.answers, results, configFile: config },
      machine,
      version: VERSION,
      ...{ ask, words, ui },
    });
    await draft.forget();
    const { page, pdf, sha256, recordSha256, journalled, countersigned } = made;
    const told = { page, pdf, sha256, journalled, countersigned };
    if (flags.json) print(JSON.stringify({ passed: passed(made.made), ...told, results }));
    else {
      print("");
      print(words.say(passed(made.made) ? "setupPassed" : "setupFailed"));
      for (const file of [page, countersigned?.page, pdf]) if (typeof file === "string") print(`  ${file}`);
      print(`  SHA-256 ${sha256}`);
      print(words.say(journalled ? "setupJournalled" : "setupJournalsLater"));
      print(acceptanceLine({ sha256: recordSha256, countersigned }, words));
    }
    return passed(made.made) ? EXIT.ok : EXIT.concern;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    print(`\n${words.say("setupInterrupted")}`);
    return EXIT.unavailable;
  } finally {
    prompt?.close();
    for (const signal of ENDINGS) process.off(signal, leave);
  }
}
