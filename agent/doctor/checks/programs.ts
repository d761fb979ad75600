/** Programs of the system that the station calls, with their versions; and whether a Vietnamese voice is there. */
import type { StationFile } from "../../config/station-file.ts";
import { machineCheck, pair, type Verdict, well } from "../check.ts";
import type { Machine } from "../machine.ts";

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Debian's package that brings it. */
  readonly from: string;
  /** The oldest whose options are used. */
  readonly oldest: number;
}

const FFMPEG: Program = { command: "ffmpeg", args: ["-version"], from: "ffmpeg", oldest: 5 };
const ALWAYS: readonly Program[] = [
  FFMPEG,
  { command: "espeak-ng", args: ["--version"], from: "espeak-ng", oldest: 1 },
  { command: "setpriv", args: ["--version"], from: "util-linux", oldest: 2 },
];

/** Those of a board that paints its own screen. */
function ofScreen(file: StationFile | null): Program[] {
  const kiosk = file?.hardware.board?.screen?.kiosk;
  if (kiosk === undefined || kiosk.mode === "none") return [];
  const chromium = { command: kiosk.chromium, args: ["--version"], from: "chromium", oldest: 100 };
  const cage = { command: kiosk.cage, args: ["-v"], from: "cage", oldest: 0 };
  return kiosk.mode === "cage" ? [chromium, cage] : [chromium];
}

interface Found extends Program {
  /** What it calls itself; `null` where it cannot be started. */
  readonly says: string | null;
}

async function ask(machine: Machine, program: Program): Promise<Found> {
  const { code, stdout, stderr } = await machine.run(program.command, program.args);
  const line = (stdout || stderr).split("\n")[0]?.slice(0, 80) ?? "";
  return { ...program, says: code === 0 ? line : null };
}

const versionIn = (text: string) => Number(/(\d+)(?:\.\d+)+/.exec(text)?.[1] ?? Number.NaN);

export function judgePrograms(found: readonly Found[]): Verdict {
  const missing = found.filter(({ says }) => says === null);
  const old = found.filter(({ says, oldest }) => says !== null && versionIn(says) < oldest);
  const bad = [...missing, ...old];
  const listed = found.map(({ command, says }) => `${command}: ${says ?? "—"}`).join("; ");
  if (bad.length === 0) return well(listed);
  const names = bad.map(({ command }) => command).join(", ");
  return {
    state: "bad",
    finding: listed,
    cause: pair(`Thiếu hoặc quá cũ: ${names}.`, `Missing or too old: ${names}.`),
    advice: pair("Cài lại các gói này.", "Install these packages."),
    commands: [`apt-get install -y ${[...new Set(bad.map(({ from }) => from))].join(" ")}`],
  };
}

export const programs = machineCheck(
  { name: "programs", title: pair("chương trình", "programs"), codes: ["alert-unspoken", "face-browser"] },
  ({ machine, file }) => Promise.all([...ALWAYS, ...ofScreen(file)].map((one) => ask(machine, one))),
  judgePrograms,
);
