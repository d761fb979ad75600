/** `station.yaml`: whether it can be read and holds no mistake. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseStationFile } from "../../config/station-file.ts";
import type { Mistake } from "../../config/yaml.ts";
import { machineCheck, pair, type Verdict, well } from "../check.ts";

interface Reading {
  readonly name: string;
  /** The system's word where it cannot be read. */
  readonly unreadable: NodeJS.ErrnoException | null;
  readonly mistakes: readonly Mistake[];
}

export function judgeConfig({ name, unreadable, mistakes }: Reading): Verdict {
  if (unreadable?.code === "ENOENT") {
    return {
      state: "bad",
      finding: name,
      cause: pair("Chưa có tệp cấu hình: bo mạch còn trắng.", "There is no such file: the board is blank."),
      advice: pair(
        "Chạy `loa setup`, hoặc `loa commission THƯ-MỤC` với gói của tỉnh.",
        "Run `loa setup`, or `loa commission FOLDER` with the province's folder.",
      ),
    };
  }
  if (unreadable !== null) {
    return {
      state: "bad",
      finding: `${name}: ${unreadable.message}`,
      cause: pair("Không được đọc tệp này.", "The file may not be read."),
      advice: pair("Trả lại chủ và quyền của tệp.", "Give the file its owner and rights again."),
      commands: [`chown root:loa ${name}`, `chmod 0640 ${name}`],
    };
  }
  if (mistakes.length === 0) return well(name);
  return {
    state: "bad",
    finding: mistakes.map(({ path, message }) => `${path}: ${message}`).join("; "),
    cause: pair(`${mistakes.length} chỗ sai trong ${name}.`, `${mistakes.length} mistake(s) in ${name}.`),
    advice: pair(
      `Mở ${name}, sửa đúng những chỗ vừa nêu, rồi chạy \`loa config check\`.`,
      `Open ${name}, correct exactly what is named, then run \`loa config check\`.`,
    ),
  };
}

export const config = machineCheck(
  { name: "config", title: pair("cấu hình", "config"), codes: ["config-broken"] },
  async ({ config: name }): Promise<Reading> => {
    try {
      const parsed = parseStationFile(await readFile(name, "utf8"), dirname(resolve(name)));
      return { name, unreadable: null, mistakes: "length" in parsed ? parsed : [] };
    } catch (error) {
      return { name, unreadable: error as NodeJS.ErrnoException, mistakes: [] };
    }
  },
  judgeConfig,
);
