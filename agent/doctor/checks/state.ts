/** The state folder: there, a folder, and the agent's own. */
import { pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly folder: string;
  readonly kind: "folder" | "absent" | "other";
  readonly uid: number;
  readonly mode: number;
  readonly agent: { readonly name: string; readonly uid: number };
  /** Files inside that belong to somebody else: a command that was run with the wrong rights. */
  readonly foreign: readonly string[];
}

export function judgeState({ folder, kind, uid, mode, agent, foreign }: Reading): Verdict {
  // With a name comes its group; a user without a name has only a number.
  const owner = /^\d+$/.test(agent.name) ? agent.name : `${agent.name}:`;
  const own = [`chown -R ${owner} ${folder}`, `chmod 0750 ${folder}`];
  if (kind === "absent") {
    return {
      state: "bad",
      finding: folder,
      cause: pair("Chưa có thư mục trạng thái.", "There is no state folder."),
      advice: pair("Tạo thư mục và giao cho agent.", "Make the folder and give it to the agent."),
      commands: [`mkdir -p ${folder}`, ...own],
    };
  }
  if (kind === "other") {
    return {
      state: "bad",
      finding: folder,
      cause: pair("Có một tệp nằm ở chỗ của thư mục trạng thái.", "A file lies where the state folder belongs."),
      advice: pair(
        "Dời tệp đó đi, tạo thư mục và giao cho agent.",
        "Move it away, make the folder and give it to the agent.",
      ),
      commands: [`mv ${folder} ${folder}.aside`, `mkdir -p ${folder}`, ...own],
    };
  }
  if (uid !== agent.uid || (mode & 0o700) !== 0o700 || (mode & 0o007) !== 0 || foreign.length > 0) {
    const what = foreign.length > 0 ? `${folder}: ${foreign.slice(0, 3).join(", ")}` : `${folder}: uid ${uid}`;
    return {
      state: "bad",
      finding: `${what}, ${(mode & 0o777).toString(8)}`,
      cause: pair(
        `Thư mục hoặc tệp trong đó không thuộc về ${agent.name}, hoặc sai quyền.`,
        `The folder or a file in it does not belong to ${agent.name}, or has wrong rights.`,
      ),
      advice: pair("Trả lại chủ và quyền.", "Give back owner and rights."),
      commands: own,
    };
  }
  return well(`${folder}: ${agent.name}, ${(mode & 0o777).toString(8)}`);
}

export const state = stationCheck(
  { name: "state", title: pair("thư mục trạng thái", "state"), codes: ["storage-failing", "state-lost"] },
  async (file, { machine }): Promise<Reading> => {
    const folder = file.state;
    const found = await machine.stat(folder);
    const agent = await machine.agentUser();
    const foreign: string[] = [];
    for (const name of found?.isDirectory() === true ? await machine.list(folder) : []) {
      const one = await machine.stat(`${folder}/${name}`);
      if (one !== null && one.uid !== agent.uid) foreign.push(name);
    }
    const kind = found === null ? "absent" : found.isDirectory() ? "folder" : "other";
    return { folder, kind, uid: found?.uid ?? -1, mode: found?.mode ?? 0, agent, foreign };
  },
  judgeState,
);
