/** Folders, boards and processes that are gone when the test is. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { BoardProcess } from "./board-process.ts";

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loa-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startedBoard(): Promise<BoardProcess> {
  const board = await BoardProcess.at(await temporaryFolder());
  onTestFinished(() => board.stop());
  return board;
}
