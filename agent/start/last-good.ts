/**
 * The last `station.yaml` that a run of the agent was good with, and the files that it names beside itself: kept in the state folder, used when
 * the technician's own cannot be read. A file that is not there at all is a blank board, and gets nothing.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { StationError } from "../../playback/model/station-error.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import { parseStationFile, type StationFile } from "../config/station-file.ts";
import { parseYaml } from "../config/yaml.ts";
import { rootFile } from "../contract/trust.ts";
import { parseCertificates } from "../enrolment/certificates.ts";

const FOLDER = "last-good";
const PACKAGED_STATE = "/var/lib/loa";

export interface LoadedStation {
  readonly file: StationFile;
  /** What was read, to be kept once it has proved good. */
  readonly texts: StationTexts;
  /** Why something of the last good run is used instead; `null` where all is as written. */
  readonly lost: string | null;
}

interface StationTexts {
  readonly station: string;
  readonly root: string;
  readonly authorities: string | null;
}

/** Where the state would be, of a text that is no good otherwise. Pure. */
export function stateIn(text: string, folder: string): string {
  const read = parseYaml(text);
  const value = "value" in read ? (read.value as { state?: unknown } | null)?.state : undefined;
  const said = typeof value === "string" ? value : /^state:\s*["']?([^\s"'#]+)/m.exec(text)?.[1];
  if (said === undefined) return PACKAGED_STATE;
  return isAbsolute(said) ? said : resolve(folder, said);
}

function mean(text: string, folder: string): StationFile {
  const parsed = parseStationFile(text, folder);
  if (!("length" in parsed)) return parsed;
  throw new Error(parsed.map(({ path, message }) => `${path}: ${message}`).join("; "));
}

const wordsOf = (error: unknown) => (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));

/** Reads the file and what it names; each that cannot be used is taken from the last good run. @throws StationError `config-invalid` */
export async function loadStation(configFile: string): Promise<LoadedStation> {
  const folder = dirname(resolve(configFile));
  const lost: string[] = [];
  let text: string | null = null;
  try {
    text = await readFile(configFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new StationError("config-invalid", `${configFile} is not there`, { cause: error });
    }
    lost.push(wordsOf(error));
  }
  const state = text === null ? PACKAGED_STATE : stateIn(text, folder);
  const either = async <T>(name: string, path: string | null, use: (text: string) => T | Promise<T>) => {
    let why = "it cannot be read";
    try {
      const own = path === null ? null : await readFile(path, "utf8");
      if (own !== null) return { value: await use(own), text: own };
    } catch (error) {
      why = `${path}: ${wordsOf(error)}`;
    }
    const copy = join(state, FOLDER, name);
    try {
      const kept = await readFile(copy, "utf8");
      const value = await use(kept);
      lost.push(why);
      return { value, text: kept };
    } catch (error) {
      throw new StationError("config-invalid", `${why} (and nothing of a last good run stands in ${copy})`, {
        cause: error,
      });
    }
  };
  const station = await either("station.yaml", text === null ? null : configFile, (said) => mean(said, folder));
  const file = station.value;
  const root = await either("root.json", file.root, (said) => rootFile.parse(JSON.parse(said)) && said);
  const { authorities } = file.identity;
  const believed =
    authorities === undefined ? null : await either("authorities.pem", authorities, (said) => certified(said));
  const texts = { station: station.text, root: root.text, authorities: believed?.text ?? null };
  if (lost.length === 0) return { file, texts, lost: null };
  return { file: withCopies(file, texts, join(state, FOLDER)), texts, lost: lost.join("; ") };
}

function certified(text: string): string {
  if (parseCertificates(text).length === 0) throw new Error("it holds no certificate");
  return text;
}

/** Everything from the copies: they belong together. */
function withCopies(file: StationFile, { authorities }: StationTexts, folder: string): StationFile {
  return {
    ...file,
    root: join(folder, "root.json"),
    identity: {
      ...file.identity,
      ...(authorities === null ? {} : { authorities: join(folder, "authorities.pem") }),
    },
  };
}

/** Keeps what a run was good with; writes only what differs, because a card wears. @throws where the disk refuses */
export async function keepGood({ file, texts, lost }: LoadedStation): Promise<void> {
  if (lost !== null) return;
  const folder = join(file.state, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = { "station.yaml": texts.station, "root.json": texts.root, "authorities.pem": texts.authorities };
  for (const [name, text] of Object.entries(files)) {
    if (text === null) continue;
    const path = join(folder, name);
    if ((await readFile(path, "utf8").catch(() => null)) !== text) await replaceFile(path, text);
  }
}
