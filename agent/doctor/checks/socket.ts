/** The control socket: for the group of technicians, and for nobody else. */
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly path: string;
  /** `null` where there is none. */
  readonly mode: number | null;
}

export function judgeSocket({ path, mode }: Reading): Verdict {
  if (mode === null) return nothing("chưa có, agent tạo khi chạy", "not there; the agent makes it when it runs");
  const rights = (mode & 0o777).toString(8);
  if ((mode & 0o777) === 0o660) return well(`${path}: ${rights}`);
  return {
    state: "bad",
    finding: `${path}: ${rights}`,
    cause: pair("Quyền của socket điều khiển bị đổi.", "The rights of the control socket were changed."),
    advice: pair("Trả lại quyền 0660.", "Give it 0660 again."),
    commands: [`chmod 0660 ${path}`],
  };
}

export const socket = stationCheck(
  { name: "socket", title: pair("socket điều khiển", "socket"), codes: [] },
  async ({ socket: path }, { machine }): Promise<Reading> => ({
    path,
    mode: (await machine.stat(path))?.mode ?? null,
  }),
  judgeSocket,
);
