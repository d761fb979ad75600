/** What is done to the station, scene after scene. Each waits for its second and proves what it did; the ear judges by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { holdsWithin } from "../support/holds-within.ts";
import {
  ALERT,
  ENCORE_EVERY_S,
  encore,
  FAREWELL,
  MOMENTS,
  PROGRAMMES,
  STORY_SECONDS,
  storyExpectations,
  undisturbed,
} from "./plan.ts";
import { decodersOf, portRefuses, processGone, safeSince } from "./proofs.ts";
import type { Run } from "./run.ts";

/** The board is watched for so long before the agent is started again; a guard takes a few milliseconds. */
const SAFE_WITHIN_MS = 1_500;
const LINK_WITHIN_MS = 4_000;
const BOARD_WITHIN_MS = 4_000;
/** An encore is told to the station this long before, and must end this long before the story does. */
const NOTICE_S = 8;
const LAST_S = 8;
/** What the schedule still names of what is over. */
const KEEP = 4;

/** The whole story, then ordinary programmes. @throws AbortError when the story is ended first */
export async function perform(run: Run): Promise<void> {
  await board(run);
  await alert(run);
  await stopProvince(run);
  await killAgent(run);
  await bringBack(run);
  await encores(run);
}

/** Publishes the morning's schedule; resolves when the station has adopted it. */
export async function publishStory(run: Run): Promise<void> {
  for (const programme of PROGRAMMES) run.plan(programme);
  run.expect(storyExpectations(run.stage.lengths));
  await run.stage.schedule(run.programmes, run.t0);
  const [first] = run.programmes;
  if (first === undefined) throw new Error("the story has no programme");
  await run.stage.agent.until("the schedule is adopted", ({ next }) => next.some(({ key }) => key === run.key(first)));
}

async function board(run: Run): Promise<void> {
  await run.at(MOMENTS.board);
  const shown = await run.stage.board.shows("layout", BOARD_WITHIN_MS);
  run.prove("board-shows", shown, shown ? "" : "not-confirmed");
  await run.stage.board.picture("programme");
}

async function alert(run: Run): Promise<void> {
  await run.at(MOMENTS.alert);
  run.ear.alertAt = await run.stage.alert();
  run.mark("alert", { title: ALERT.title }, "!", true);
  const shown = await run.stage.board.shows("alert", BOARD_WITHIN_MS);
  run.prove("board-alert", shown, shown ? `${Date.now() - run.ear.alertAt} ms` : "not-confirmed");
  await run.stage.board.picture("alert");
}

async function stopProvince(run: Run): Promise<void> {
  await run.at(MOMENTS.stop);
  const { broker, mediaServer, source } = run.stage.cluster;
  const pid = broker.pid;
  await run.stage.stopProvince({ leaveBroker: run.options.break === "broker" });
  run.mark("stopped", {}, "×", true);
  const refused = await portRefuses(broker.port);
  const gone = processGone(pid);
  const how = (stopped: boolean) => (stopped ? "" : "still-answers");
  run.prove("broker-stopped", refused && gone, how(refused && gone));
  const unserved = await portRefuses(mediaServer.port);
  run.prove("media-stopped", unserved, how(unserved));
  const spoke = await source.republish().then(
    () => true,
    () => false,
  );
  run.prove("source-stopped", !spoke, how(!spoke));
  const down = await holdsWithin(LINK_WITHIN_MS, async () => !(await run.stage.agent.status()).link.connected);
  run.prove("link-down", down, down ? "" : "still-linked");
}

/** From the kill to the new agent this does not end early, so that whoever ends the story finds an agent. */
async function killAgent(run: Run): Promise<void> {
  await run.at(MOMENTS.kill);
  const { stage } = run;
  const old = stage.agent.pid;
  const killedAt = Date.now();
  await stage.agent.kill("SIGKILL");
  run.mark("killed", { pid: old }, "K", true);
  run.prove("agent-killed", processGone(old), `pid ${old}`);
  const { board } = stage.cluster;
  const safe = await holdsWithin(SAFE_WITHIN_MS, async () => safeSince(await board.log(), killedAt) !== null);
  const since = safeSince(await board.log(), killedAt);
  run.prove("outputs-safe", safe, since === null ? "still-on" : `${since - killedAt} ms`);
  const server = stage.card.env.PULSE_SERVER ?? "";
  const clean = await holdsWithin(SAFE_WITHIN_MS, async () => (await decodersOf(server)).length === 0);
  run.prove("no-orphans", clean, clean ? "" : (await decodersOf(server)).join());
  const from = performance.now();
  const agent = await stage.cluster.startAgent();
  run.mark("restarted", { pid: agent.pid, ms: Math.round(performance.now() - from) }, "R", false);
}

async function bringBack(run: Run): Promise<void> {
  await run.at(MOMENTS.back);
  await run.stage.startProvince();
  run.mark("returned", {}, "○", false);
  const up = await holdsWithin(LINK_WITHIN_MS, async () => (await run.stage.agent.status()).link.connected);
  run.prove("link-up", up, up ? "" : "not-linked");
  run.plan(FAREWELL);
  await run.stage.schedule(run.programmes, run.t0);
  run.tell("published", { title: FAREWELL.title });
}

async function encores(run: Run): Promise<void> {
  const { seconds } = run.options;
  for (let n = 0; ; n += 1) {
    const programme = encore(n);
    if (seconds !== null && programme.startS + LAST_S > seconds) break;
    await run.at(programme.startS - NOTICE_S);
    run.plan(programme);
    run.expect(undisturbed(programme, run.stage.lengths));
    await run.stage.schedule(run.programmes.slice(-KEEP), run.t0);
    run.tell("published", { title: programme.title });
  }
  // Nothing more is planned: the end comes by the clock.
  await sleep((STORY_SECONDS + ENCORE_EVERY_S) * 1_000_000, undefined, { signal: run.ending });
}
