/** The pinned root: everything that is believed hangs on it. */
import { readFile } from "node:fs/promises";
import { rootFile } from "../../contract/trust.ts";
import { Keyring } from "../../keyring.ts";
import { pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly name: string;
  readonly prints: readonly string[];
  readonly threshold: number;
  readonly problem: string | null;
}

export function judgeRoot({ name, prints, threshold, problem }: Reading): Verdict {
  if (problem === null) return well(`${threshold}/${prints.length}: ${prints.join(" ")}`);
  return {
    state: "bad",
    finding: `${name}: ${problem}`,
    cause: pair(
      "Tệp khoá gốc thiếu, hỏng hoặc không được đọc.",
      "The root file is missing, spoilt or may not be read.",
    ),
    advice: pair(
      `Chép lại root.json của gói cài đặt vào ${name}, so dấu khoá với giấy, rồi đặt quyền 0640 root:loa.`,
      `Copy root.json of the commissioning folder to ${name}, compare the prints with the paper, and give it 0640 root:loa.`,
    ),
  };
}

export const root = stationCheck(
  { name: "root", title: pair("khoá gốc", "root"), codes: [] },
  async (file): Promise<Reading> => {
    const name = file.root;
    try {
      const read = rootFile.parse(JSON.parse(await readFile(name, "utf8")));
      const { thumbprints, threshold } = (await Keyring.create(read, null)).root;
      return { name, threshold, prints: [...thumbprints].map((print) => print.slice(0, 12)), problem: null };
    } catch (error) {
      const problem = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      return { name, threshold: 0, prints: [], problem };
    }
  },
  judgeRoot,
);
