/**
 * Makes a blank board a station from a commissioning folder: identity, pinned root, authorities, brokers and the one-time claim. What the
 * folder holds beside that (schedule, media) is brought in by `loa import`, through the one door.
 */
import { access, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { StationError } from "../../playback/model/station-error.ts";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";
import { stationFile } from "../config/station-file.ts";
import { formatYaml } from "../config/yaml.ts";
import { communeCode, identifier, provinceCode } from "../contract/primitives.ts";
import { rootFile } from "../contract/trust.ts";
import { parseCertificates } from "../enrolment/certificates.ts";
import { Keyring } from "../keyring.ts";
import { parseStrictJson } from "../strict-json.ts";
import { giveToOwnerOf, giveToReader } from "./hand-over.ts";

export const COMMISSION_FILE = "commission.json";

export const commissionFile = z.strictObject({
  version: z.literal(1),
  station: identifier,
  commune: communeCode,
  province: provinceCode,
  hamlet: identifier.optional(),
  brokers: z.array(z.url({ protocol: /^mqtts?$/ })).max(4),
  enrolUrl: z.url({ protocol: /^https$/ }).optional(),
  timeUrl: z.url({ protocol: /^http$/ }).optional(),
  claim: z.string().min(6).max(200).optional(),
  root: rootFile,
  /** PEM. */
  authorities: z.string().max(100_000).optional(),
  /** This board takes the place of the one that bore the name before. */
  replaces: z.boolean().default(false),
});
export type CommissionFile = z.infer<typeof commissionFile>;

export interface Commissioned {
  readonly station: string;
  readonly commune: string;
  readonly configFile: string;
  /** First characters of the root keys' thumbprints, to be compared with the paper. */
  readonly root: readonly string[];
  readonly enrols: boolean;
}

export interface CommissionOptions {
  /** Folder on the stick. */
  readonly folder: string;
  /** Where `station.yaml` is to stand; what belongs to it stands beside it. */
  readonly configFile: string;
  /** State folder; the packaged place where not given. */
  readonly state?: string | undefined;
  /** The name the technician typed for a swapped board. */
  readonly replace: string | null;
}

function wrong(why: string, cause?: unknown): StationError {
  return new StationError("config-invalid", why, cause === undefined ? {} : { cause });
}

/** @throws StationError `config-invalid` where the folder holds none that can be used */
export async function readCommission(folder: string): Promise<CommissionFile> {
  const name = join(folder, COMMISSION_FILE);
  const text = await readIfPresent(name);
  if (text === null) throw wrong(`there is no ${COMMISSION_FILE} in ${folder}`);
  try {
    return commissionFile.parse(parseStrictJson(text));
  } catch (error) {
    throw wrong(`${name} cannot be used`, error);
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** First characters of the root keys' thumbprints. @throws StationError where keys or authorities cannot be used */
export async function printsOf(said: CommissionFile): Promise<string[]> {
  const { thumbprints } = (await Keyring.create(said.root, null)).root;
  if (said.authorities !== undefined && parseCertificates(said.authorities).length === 0) {
    throw wrong("`authorities` holds no certificate");
  }
  return [...thumbprints].map((print) => print.slice(0, 12));
}

/** The section `identity` of `station.yaml` that the folder's papers make. Pure. */
export function identitySection({ authorities, enrolUrl, timeUrl }: CommissionFile) {
  return {
    ...(authorities === undefined ? {} : { authorities: "authorities.pem" }),
    ...(enrolUrl === undefined ? {} : { enrolUrl }),
    ...(timeUrl === undefined ? {} : { timeUrl }),
  };
}

/** Root and authorities beside `station.yaml`; the claim where the agent keeps its identity, because the agent removes it once it is used. */
export async function placePapers(said: CommissionFile, place: string, state: string): Promise<void> {
  await mkdir(place, { recursive: true });
  const root = join(place, "root.json");
  await replaceFile(root, `${JSON.stringify(said.root, null, 2)}\n`);
  await giveToReader(root);
  if (said.authorities !== undefined) {
    await replaceFile(join(place, "authorities.pem"), said.authorities);
    await giveToReader(join(place, "authorities.pem"));
  }
  if (said.claim === undefined) return;
  const folder = join(state, "identity");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, "claim"), `${said.claim}\n`);
  for (const path of [folder, join(folder, "claim")]) await giveToOwnerOf(state, path);
}

/** Changes nothing unless all of it holds. @throws StationError `config-invalid` with what to do */
export async function commission({ folder, configFile, state, replace }: CommissionOptions): Promise<Commissioned> {
  const said = await readCommission(folder);
  if (await exists(configFile)) {
    throw wrong(`${configFile} exists: this board is a station already. \`loa factory-reset\` makes it blank`);
  }
  if (said.replaces && replace !== said.station) {
    throw wrong(`this takes the place of the board of ${said.station}: confirm with --replace ${said.station}`);
  }
  if (!said.replaces && replace !== null) throw wrong(`the folder commissions a new board, it replaces none`);
  const prints = await printsOf(said);
  const place = dirname(configFile);
  const file = {
    station: said.station,
    commune: said.commune,
    province: said.province,
    ...(said.hamlet === undefined ? {} : { hamlet: said.hamlet }),
    root: "root.json",
    ...(state === undefined ? {} : { state }),
    uplink: { brokers: said.brokers },
    identity: identitySection(said),
  };
  const { state: stateFolder } = stationFile.parse(file);
  await placePapers(said, place, resolve(place, stateFolder));
  // Last: where it stands, everything it names does.
  await replaceFile(configFile, formatYaml(file));
  await giveToReader(configFile);
  return {
    station: said.station,
    commune: said.commune,
    configFile,
    root: prints,
    enrols: said.enrolUrl !== undefined,
  };
}
