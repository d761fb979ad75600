/** Where a test puts a database whose durability it does not test: in memory where there is such a place, so that other jobs' disks do not count. */
import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export const MEMORY_FOLDER = writable("/dev/shm") ? "/dev/shm" : tmpdir();
