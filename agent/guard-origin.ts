/** Where this program's guard comes from: the service manager's socket where there is one, else a process of our own. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { GuardOrigin } from "../drivers/guard/guard-link.ts";

export function guardOrigin(): GuardOrigin {
  const socket = process.env.LOA_GUARD_SOCKET;
  if (socket !== undefined) return { socket };
  const script = fileURLToPath(new URL(`../drivers/guard/main${extname(import.meta.url)}`, import.meta.url));
  return { nodePath: process.execPath, script };
}
