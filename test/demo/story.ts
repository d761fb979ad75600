/** The story from the first preparation to the last verdict. Gives the exit code. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { STATION } from "../support/cluster/cluster.ts";
import { unplanned } from "./judge.ts";
import type { StoryOptions } from "./options.ts";
import { ALERT, ALERT_KEY } from "./plan.ts";
import { decodersOf } from "./proofs.ts";
import { type ExpectedRecord, judgeRecords, type RecordsVerdict, type SlotRecord, slotRecords } from "./records.ts";
import { type Findings, picture, shown, summary, table } from "./report.ts";
import { itemTitle, Run } from "./run.ts";
import { perform, publishStory } from "./scenes.ts";
import { Stage } from "./stage.ts";
import type { Teller } from "./teller.ts";
import { type StoryWords, timeOfDay } from "./words.ts";

/** Least time from the schedule's publication to the story's start, whose first programme comes a second later. */
const NOTICE_MS = 1_200;
const RECORDS_WITHIN_MS = 6_000;
const SETTLE_MS = 300;
/** Recorded before the start and after the end, for the picture. */
const MARGIN_MS = 500;
export const EXIT = { right: 0, wrong: 1, usage: 64, interrupted: 130 } as const;

/** The checkout, from the source tree or from what was built of it. */
export function checkout(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && folder !== "/") folder = dirname(folder);
  return folder;
}

export async function tellStory(
  options: StoryOptions,
  teller: Teller,
  words: StoryWords,
  asked: AbortSignal,
): Promise<number> {
  const began = Date.now();
  const stamp = new Date(began + 7 * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const folder = resolve(options.folder ?? join(checkout(), ".loa", `story-${stamp}`));
  await mkdir(folder, { recursive: true });
  teller.tell("media");
  const media = await Stage.media(join(checkout(), ".loa/media"));
  if (asked.aborted) return EXIT.interrupted;
  teller.tell("stage");
  const stage = await Stage.set(media, options.break);
  let run: Run;
  try {
    if (options.break !== null) teller.tell("broken", { what: words.code(options.break), break: options.break }, true);
    if (options.break === "sink") await stage.card.mute(true);
    if (stage.passage === null) teller.tell("soundPrivate");
    else teller.tell("soundPassedOn", { through: stage.passage.through });
    const t0 = Math.ceil((Date.now() + NOTICE_MS) / 1_000) * 1_000;
    run = new Run(stage, options, t0, teller, words);
    await publishStory(run);
    const seconds = ((Date.now() - began) / 1_000).toFixed(1);
    teller.tell("ready", { seconds, when: timeOfDay(t0) });
    teller.tell("ask", { command: `node dist/agent/cli/main.js status --config ${stage.cluster.place.configFile}` });
  } catch (error) {
    await stage.close(folder);
    throw error;
  }
  const { cutoff, wasAsked } = await through(run, asked);
  teller.tell(wasAsked ? "interrupted" : "closing");
  return conclude(run, { cutoff, wasAsked, folder, readyMs: run.t0 - began }, teller, words);
}

/** Performs, listens and shows until the story is over by the clock, by request, by a failed check or by a fault of its own. */
async function through(run: Run, asked: AbortSignal): Promise<{ cutoff: number; wasAsked: boolean }> {
  const stop = () => run.end();
  asked.addEventListener("abort", stop);
  if (asked.aborted) run.end();
  const { seconds } = run.options;
  const over = seconds === null ? null : setTimeout(stop, run.t0 + seconds * 1_000 - Date.now());
  const status = await run.stage.agent.status();
  run.prove("clock-attested", status.clock.trust === "attested", status.clock.trust);
  const performed = perform(run).catch((error: unknown) => {
    if (run.ending.aborted && (error as Error).name === "AbortError") return;
    run.prove("story", false, error instanceof Error ? (error.stack ?? error.message) : String(error));
    run.end();
  });
  await Promise.all([performed, run.ear.listen(run.ending), run.watch()]);
  if (over !== null) clearTimeout(over);
  asked.removeEventListener("abort", stop);
  return { cutoff: Date.now(), wasAsked: asked.aborted };
}

interface End {
  readonly cutoff: number;
  readonly wasAsked: boolean;
  readonly folder: string;
  readonly readyMs: number;
}

async function conclude(run: Run, end: End, teller: Teller, words: StoryWords): Promise<number> {
  const { stage, ear, t0 } = run;
  const { cutoff, folder } = end;
  await stage.recorder.until(cutoff + SETTLE_MS);
  await stage.recorder.stop();
  const open = ear.conclude(cutoff);
  const { records, slots } = await province(run, cutoff);
  const server = stage.card.env.PULSE_SERVER ?? "";
  await stage.close(folder);
  const left = await decodersOf(server);
  if (left.length > 0) run.prove("no-orphans", false, left.join());
  const { ok: complete, arrived, expected: due, missing, doubled, unknown, wrong } = records;
  const trouble = [...missing, ...doubled, ...unknown, ...wrong, ...records.findings].join("; ");
  run.prove("records", complete, `${arrived}/${due} ${trouble}`.trim());

  // What had begun and was not over explains sound that nobody can measure any more.
  const judgedUntil = Math.min(cutoff, ...open.map(({ fromS }) => t0 + fromS * 1_000 - MARGIN_MS));
  const stray = unplanned(ear.verdicts, stage.recorder, judgedUntil);
  for (const { at, lengthMs } of stray) {
    teller.tell("unplannedSound", { when: timeOfDay(at, true), length: lengthMs.toFixed(0) }, true);
  }
  const heard = ear.verdicts.every(({ verdict }) => verdict === "heard");
  const ok = heard && stray.length === 0 && run.proofs.every((proof) => proof.ok);
  const seconds = Math.round((cutoff - t0) / 100) / 10;
  const findings: Findings = {
    ok,
    seconds,
    items: ear.verdicts,
    unplanned: stray,
    proofs: run.proofs,
    records,
    slots,
    folder,
  };
  const said = summary(findings, {
    interrupted: end.wasAsked,
    secondsToStory: Math.round(end.readyMs / 100) / 10,
  });
  await keep(run, findings, said, cutoff, words);
  const expected = new Map(run.expectations.map((one) => [one.id, one]));
  const titleOf = (id: string) => itemTitle(expected.get(id) ?? { media: "chime" });
  const nothing = end.wasAsked && ear.verdicts.length === 0 && ok;
  teller.print([
    ...table(findings, words, titleOf, (id) => slotOf(slots, expected.get(id)?.programme)),
    words.say(nothing ? "nothingDue" : ok ? "good" : "bad"),
    words.say("folder", { folder: shown(folder) }),
  ]);
  teller.end(said);
  if (nothing) return EXIT.interrupted;
  return ok ? EXIT.right : EXIT.wrong;
}

/** Asks the province what it holds, after waiting for what was due. A province that is away is brought back for that. */
async function province(run: Run, cutoff: number): Promise<{ records: RecordsVerdict; slots: SlotRecord[] }> {
  const { cluster } = run.stage;
  const planned = expectedRecords(run, cutoff);
  const slotsNow = () => slotRecords(cluster.source.records(STATION));
  try {
    if (!cluster.broker.isRunning() || run.proofs.some(({ name }) => name === "source-stopped")) {
      if (!run.proofs.some(({ name }) => name === "link-up")) await run.stage.startProvince();
    }
    const due = planned.filter((one) => one.due).map(({ key }) => key);
    const deadline = Date.now() + RECORDS_WITHIN_MS;
    while (Date.now() < deadline) {
      const there = new Set(slotsNow().map(({ key }) => key));
      if (due.every((key) => there.has(key)) && cluster.source.findings(STATION).length === 0) break;
      await sleep(50);
    }
  } catch (error) {
    run.prove("story", false, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const slots = slotsNow();
  const findings = cluster.source.findings(STATION).map(({ kind, seq, detail }) => `${kind} ${seq ?? "-"} ${detail}`);
  return { records: judgeRecords(slots, planned, findings), slots };
}

/** One record a programme and one for the alert; an item that was cut makes two segments. */
function expectedRecords(run: Run, cutoff: number): ExpectedRecord[] {
  const keys = new Map(run.programmes.map((programme) => [programme.id, run.key(programme)]));
  keys.set(ALERT.id, ALERT_KEY);
  return [...keys].map(([id, key]) => {
    const items = run.expectations.filter(({ programme }) => programme === id);
    const segments = items.reduce((sum, { cut }) => sum + (cut === null ? 1 : 2), 0);
    return { key, segments, due: items.every((item) => run.ear.dueBy(item, cutoff)) };
  });
}

function slotOf(slots: readonly SlotRecord[], programme: string | undefined): SlotRecord | undefined {
  return slots.find(({ key }) => key.includes(`:${programme}@`) || (programme === ALERT.id && key === ALERT_KEY));
}

/** Leaves behind what somebody may want to hear, see or read afterwards. */
async function keep(run: Run, findings: Findings, said: object, cutoff: number, words: StoryWords): Promise<void> {
  const { stage, t0 } = run;
  const { folder } = findings;
  const expected = new Map(run.expectations.map((one) => [one.id, one]));
  await stage.recorder.save(join(folder, "heard.wav"));
  await writeFile(join(folder, "proof-of-play.json"), `${JSON.stringify(findings.slots, null, 2)}\n`);
  await writeFile(join(folder, "summary.json"), `${JSON.stringify(said, null, 2)}\n`);
  await picture(
    join(folder, "timeline.png"),
    stage.recorder,
    findings,
    {
      from: t0 - MARGIN_MS,
      to: cutoff + MARGIN_MS,
      happenings: run.happenings,
      itemTitle: (id) => itemTitle(expected.get(id) ?? { media: "chime" }),
      classOf: (id) => expected.get(id)?.class ?? "normal",
    },
    words,
  );
}
