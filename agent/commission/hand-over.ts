/** What a technician writes as root must be read, and some of it removed, by the agent, which is not root. Elsewhere than as root nothing is changed. */
import { chmod, chown, stat } from "node:fs/promises";
import { dirname } from "node:path";

const root = () => process.getuid?.() === 0;

/** A file of the configuration: root's, and readable by the group of its folder, as the package makes it. */
export async function giveToReader(path: string): Promise<void> {
  if (!root()) return;
  const { gid } = await stat(dirname(path));
  await chown(path, 0, gid);
  await chmod(path, 0o640);
}

/** A file or folder of the state: whose the state folder is. */
export async function giveToOwnerOf(state: string, path: string): Promise<void> {
  if (!root()) return;
  const { uid, gid } = await stat(state);
  await chown(path, uid, gid);
}

/** A state folder that was just made: the agent's. */
export async function giveTo(
  { uid, gid }: { readonly uid: number; readonly gid: number },
  path: string,
): Promise<void> {
  if (root()) await chown(path, uid, gid);
}
