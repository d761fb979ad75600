/**
 * A note beside a database that was found damaged while it was used: the next start looks that file through whole, because the quick check finds
 * nothing of an index that no longer says what its table says.
 */
import { access, rm } from "node:fs/promises";
import { replaceFile } from "./durable-file.ts";
import { asStation } from "./faults.ts";

/**
 * What a new database takes with its log, and some more. The note holds so much room until it is taken: on a card that is full to the last byte the
 * damaged file must not be moved aside for one that cannot be made.
 */
const ROOM = 1_048_576;

const noteOf = (file: string) => `${file}.damaged`;

/** @throws StationError `storage-failed` */
export async function noteDamage(file: string, problem: string): Promise<void> {
  await asStation(`note the damage of ${file}`, () => replaceFile(noteOf(file), `${problem}\n`.padEnd(ROOM)));
}

/** Takes the note away and says whether there was one. Before the look itself: one that takes too long must not be taken at every start. */
export async function takeDamageNote(file: string): Promise<boolean> {
  const there = await access(noteOf(file)).then(
    () => true,
    () => false,
  );
  if (there) await rm(noteOf(file), { force: true }).catch(() => undefined);
  return there;
}
