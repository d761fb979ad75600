/** The end of set-up: record, page, and a PDF where Chromium is installed; told to the agent where one runs, else found by it at its next start. */

import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemTime } from "../../drivers/clock/system-time.ts";
import { DaemonDown, type Invocation } from "../cli/command.ts";
import { giveToOwnerOf } from "../commission/hand-over.ts";
import { readStationFile } from "../config/station-file.ts";
import type { Machine } from "../doctor/machine.ts";
import { type Acceptance, type KeptAcceptance, keepAcceptance, makeAcceptance } from "./acceptance.ts";
import { acceptancePage } from "./acceptance-page.ts";
import type { Answers } from "./answers.ts";

const PRINTED_WITHIN_MS = 60_000;

export interface ReportedAcceptance extends KeptAcceptance {
  readonly made: Acceptance;
  /** `null` where no Chromium prints here. */
  readonly pdf: string | null;
  /** The agent has journalled it already. */
  readonly journalled: boolean;
}

interface ReportFacts {
  readonly answers: Answers;
  readonly results: Acceptance["results"];
  readonly configFile: string;
  readonly machine: Machine;
  readonly version: string;
  readonly ask: Invocation["ask"];
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
  const agentRuns = await isAnswered(ask("GET", "/v1/status"));
  const made = await makeAcceptance({ answers, file, results, version, now: machine.now(), time, agentRuns });
  const kept = await keepAcceptance(file.state, made, acceptancePage(made, file.zone));
  const pdf = await print(kept.page, machine);
  if (pdf !== null) await giveToOwnerOf(file.state, pdf);
  const journalled = await isAnswered(ask("POST", "/v1/acceptance", {}));
  return { ...kept, made, pdf, journalled };
}

/** Whether there is an agent to answer. @throws Refused, and whatever else is not its absence */
async function isAnswered(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof DaemonDown) return false;
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
