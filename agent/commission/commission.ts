/**
 * Makes a blank board a station from a commissioning folder: identity, pinned root, authorities, brokers and the one-time claim. What the
 * folder holds beside that (schedule, media) is brought in by `loa import`, through the one door.
 */
import { access, chmod, chown, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
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

async function read(folder: string): Promise<CommissionFile> {
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

/** Read by the group that owns the folder: the technician is root, the agent is not. */
async function putShared(path: string, text: string): Promise<void> {
  await replaceFile(path, text);
  if (process.getuid?.() === 0) await chown(path, 0, (await stat(dirname(path))).gid);
  await chmod(path, 0o640);
}

/** Changes nothing unless all of it holds. @throws StationError `config-invalid` with what to do */
export async function commission({ folder, configFile, state, replace }: CommissionOptions): Promise<Commissioned> {
  const said = await read(folder);
  if (await exists(configFile)) {
    throw wrong(`${configFile} exists: this board is a station already. \`loa factory-reset\` makes it blank`);
  }
  if (said.replaces && replace !== said.station) {
    throw wrong(`this takes the place of the board of ${said.station}: confirm with --replace ${said.station}`);
  }
  if (!said.replaces && replace !== null) throw wrong(`the folder commissions a new board, it replaces none`);
  const { thumbprints } = (await Keyring.create(said.root, null)).root;
  if (said.authorities !== undefined && parseCertificates(said.authorities).length === 0) {
    throw wrong("`authorities` holds no certificate");
  }
  const place = dirname(configFile);
  const file = {
    station: said.station,
    commune: said.commune,
    province: said.province,
    ...(said.hamlet === undefined ? {} : { hamlet: said.hamlet }),
    root: "root.json",
    ...(state === undefined ? {} : { state }),
    uplink: { brokers: said.brokers },
    identity: {
      ...(said.authorities === undefined ? {} : { authorities: "authorities.pem" }),
      ...(said.enrolUrl === undefined ? {} : { enrolUrl: said.enrolUrl }),
      ...(said.timeUrl === undefined ? {} : { timeUrl: said.timeUrl }),
      ...(said.claim === undefined ? {} : { claim: "claim" }),
    },
  };
  stationFile.parse(file);
  await mkdir(place, { recursive: true });
  const put = (name: string, text: string) => putShared(join(place, name), text);
  await put("root.json", `${JSON.stringify(said.root, null, 2)}\n`);
  if (said.authorities !== undefined) await put("authorities.pem", said.authorities);
  if (said.claim !== undefined) await put("claim", `${said.claim}\n`);
  // Last: where it stands, everything it names does.
  await putShared(configFile, formatYaml(file));
  return {
    station: said.station,
    commune: said.commune,
    configFile,
    root: [...thumbprints].map((print) => print.slice(0, 12)),
    enrols: said.enrolUrl !== undefined,
  };
}
