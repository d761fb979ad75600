/** Who stands at the keyboard, for the journal. */
import { userInfo } from "node:os";

export function caller(): string {
  return `cli ${process.env.SUDO_USER ?? userInfo().username}`;
}
