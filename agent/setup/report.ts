/** The end of set-up: record, page, and a PDF where Chromium is installed; told to the agent where one runs, else found by it at its next start. */

import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemTime } from "../../drivers/clock/system-time.ts";
import { DaemonDown, type Invocation } from "../cli/command.ts";
import { giveToOwnerOf } from "../commission/hand-over.ts";
import { readStationFile } from "../config/station-file.ts";
import type { StatusView } from "../control/views.ts";
import type { Machine } from "../doctor/machine.ts";
import { type Acceptance, type KeptAcceptance, keepAcceptance, makeAcceptance } from "./acceptance.ts";
import { acceptancePage } from "./acceptance-page.ts";
import type { Answers } from "./answers.ts";
import type { AcceptanceView } from "./countersigning.ts";
import type { Ui } from "./session.ts";
import { pause } from "./steps/wiring.ts";

const PRINTED_WITHIN_MS = 60_000;
/** A station that is connected waits this long for the province's word, beyond the pause that neighbours leave each other. */
const COUNTERSIGNED_WITHIN_MS = 5_000;
/** One that has just enrolled is not connected yet; one that is not by then has no network. */
const CONNECTED_WITHIN_MS = 10_000;
const POLL_MS = 500;

export interface ReportedAcceptance extends KeptAcceptance {
  readonly made: Acceptance;
  /** `null` where no Chromium prints here. */
  readonly pdf: string | null;
  /** The agent has journalled it already. */
  readonly journalled: boolean;
  /** `null`: not yet. */
  readonly countersigned: AcceptanceView["countersigned"];
}

interface ReportFacts {
  readonly answers: Answers;
  readonly results: Acceptance["results"];
  readonly configFile: string;
  readonly machine: Machine;
  readonly version: string;
  readonly ask: Invocation["ask"];
  readonly words: Invocation["words"];
  readonly ui: Pick<Ui, "say" | "gone">;
}

/** @throws StationError where station.yaml cannot be read: then there is no station to accept */
export async function report(facts: ReportFacts): Promise<ReportedAcceptance> {
  const { answers, results, machine, version, ask } = facts;
  const file = await readStationFile(facts.configFile);
  const run = async (command: string, args: readonly string[]) => {
    const { code, stdout } = await machine.run(command, args, 2_000);
    if (code !== 0) throw new Error(`${command} does not answer`);
    return stdout;
  };
  const time = new SystemTime({ root: machine.at(""), run });
  const status = (await answerOf(ask("GET", "/v1/status"))) as StatusView | null;
  const now = machine.now();
  const made = await makeAcceptance({ answers, file, results, version, now, time, agentRuns: status !== null });
  const kept = await keepAcceptance(file.state, made, acceptancePage(made, file.zone));
  const journalled = await answerOf(ask("POST", "/v1/acceptance", {}));
  const waits = journalled !== null && status !== null && isKnown(status);
  const countersigned = waits ? await countersignature(kept.recordSha256, facts, file.uplink.reconnect.spreadMs) : null;
  const pdf = await print(countersigned?.page ?? kept.page, machine);
  if (pdf !== null) await giveToOwnerOf(file.state, pdf);
  return { ...kept, made, pdf, journalled: journalled !== null, countersigned };
}

/** Whether the province lets it in. */
function isKnown({ link, enrolment }: StatusView): boolean {
  return link.connected || enrolment.state === "enrolled" || enrolment.state === "renewing";
}

/** Asks the agent until the province's word on this record has come, the time is over, or nobody waits any more. */
async function countersignature(sha256: string, { ask, ui, words }: ReportFacts, spreadMs: number) {
  const withinMs = CONNECTED_WITHIN_MS + spreadMs + COUNTERSIGNED_WITHIN_MS;
  ui.say(words.say("acceptanceAwaited", { seconds: Math.ceil(withinMs / 1_000) }));
  const begun = Date.now();
  for (let passed = 0; passed < withinMs && !ui.gone(); passed = Date.now() - begun) {
    const status = (await answerOf(ask("GET", "/v1/status"))) as StatusView | null;
    if (status === null) return null;
    const { link, enrolment } = status;
    const { acceptance } = enrolment;
    if (acceptance?.sha256 === sha256 && acceptance.countersigned !== null) return acceptance.countersigned;
    if (!link.connected && passed > CONNECTED_WITHIN_MS) return null;
    await pause(POLL_MS);
  }
  return null;
}

/** `null` where there is no agent to answer. @throws Refused, and whatever else is not its absence */
async function answerOf(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DaemonDown) return null;
    throw error;
  }
}

/** Into a folder of its own first: a Chromium that dies leaves no half page behind. */
async function print(page: string, machine: Machine): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), "loa-print-"));
  try {
    const made = join(scratch, "page.pdf");
    const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    const args = [
      ...["--headless", ...sandbox, "--disable-gpu", "--no-first-run", `--user-data-dir=${join(scratch, "profile")}`],
      ...["--no-pdf-header-footer", `--print-to-pdf=${made}`, `file://${page}`],
    ];
    const { code } = await machine.run("chromium", args, PRINTED_WITHIN_MS);
    if (code !== 0) return null;
    const pdf = page.replace(/\.html$/, ".pdf");
    await rename(made, pdf).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EXDEV") throw error;
      const { copyFile } = await import("node:fs/promises");
      await copyFile(made, pdf);
    });
    return pdf;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
