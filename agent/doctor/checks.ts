/** Checks that need no daemon: configuration, root file, programs, state folder. Each says what it found and what to do. */
import { execFile } from "node:child_process";
import { access, constants, readFile, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { parseStationFile, type StationFile } from "../config/station-file.ts";
import { rootFile } from "../contract/trust.ts";
import { Keyring } from "../keyring.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly finding: string;
  readonly advice: string;
}

type Language = "vi" | "en";
const execute = promisify(execFile);
const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function checkConfig(name: string, language: Language): Promise<{ check: Check; file: StationFile | null }> {
  const advice = {
    vi: "Sửa tệp; `loa config check` liệt kê mọi lỗi.",
    en: "Correct the file; `loa config check` lists every mistake.",
  }[language];
  try {
    const parsed = parseStationFile(await readFile(name, "utf8"), dirname(resolve(name)));
    if (!("length" in parsed)) return { check: { name: "config", ok: true, finding: name, advice: "" }, file: parsed };
    const finding = parsed.map((mistake) => `${mistake.path}: ${mistake.message}`).join("; ");
    return { check: { name: "config", ok: false, finding, advice }, file: null };
  } catch (error) {
    return { check: { name: "config", ok: false, finding: message(error), advice }, file: null };
  }
}

async function checkRoot(file: StationFile, language: Language): Promise<Check> {
  const advice = { vi: "Chép lại root.json từ nguồn tỉnh.", en: "Copy root.json from the provincial source again." }[
    language
  ];
  try {
    const root = rootFile.parse(JSON.parse(await readFile(file.root, "utf8")));
    const { thumbprints, threshold } = (await Keyring.create(root, null)).root;
    const prints = [...thumbprints].map((print) => print.slice(0, 12)).join(" ");
    return { name: "root", ok: true, finding: `${threshold}/${thumbprints.size}: ${prints}`, advice: "" };
  } catch (error) {
    return { name: "root", ok: false, finding: `${file.root}: ${message(error)}`, advice };
  }
}

async function checkState(file: StationFile, language: Language): Promise<Check> {
  const advice = { vi: "Kiểm tra quyền và phân vùng dữ liệu.", en: "Check permissions and the data partition." }[
    language
  ];
  try {
    await access(file.state, constants.R_OK | constants.W_OK);
    const { bavail, bsize } = await statfs(file.state);
    return { name: "state", ok: true, finding: `${file.state}: ${Math.round((bavail * bsize) / 1e6)} MB`, advice: "" };
  } catch (error) {
    return { name: "state", ok: false, finding: message(error), advice };
  }
}

async function checkProgram(program: string, language: Language): Promise<Check> {
  const advice = { vi: `Cài lại: apt-get install ${program}`, en: `Install it: apt-get install ${program}` }[language];
  try {
    const { stdout } = await execute(program, ["-version"], { timeout: 5_000 });
    return { name: program, ok: true, finding: stdout.split("\n")[0] ?? "", advice: "" };
  } catch (error) {
    return { name: program, ok: false, finding: message(error), advice };
  }
}

export async function runChecks(config: string, language: Language): Promise<Check[]> {
  const { check, file } = await checkConfig(config, language);
  const ffmpeg = await checkProgram("ffmpeg", language);
  return file === null
    ? [check, ffmpeg]
    : [check, await checkRoot(file, language), await checkState(file, language), ffmpeg];
}
