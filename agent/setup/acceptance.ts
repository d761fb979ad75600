/**
 * The acceptance of an installation: what stands there, what was measured, by whom, when, where, under which keys and by which clock. The record is
 * plain JSON; the page is made of it. Both lie in the state folder, and the agent journals the digests, so that the source's signature over the
 * journal covers them.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SystemTime } from "../../drivers/clock/system-time.ts";
import { replaceFile } from "../../storage/durable-file.ts";
import { giveToOwnerOf } from "../commission/hand-over.ts";
import type { StationFile } from "../config/station-file.ts";
import { rootFile } from "../contract/trust.ts";
import { lookAtPair } from "../enrolment/identity-store.ts";
import { firstPair, keyPrint } from "../enrolment/new-pair.ts";
import { Keyring } from "../keyring.ts";
import { sha256Of } from "../sha256.ts";
import type { Answers } from "./answers.ts";
import { stepResult } from "./draft.ts";

export const ACCEPTANCE_FOLDER = "acceptance";

const picture = z.object({ name: z.string(), type: z.enum(["image/jpeg", "image/png"]), base64: z.string() });
export const acceptance = z.object({
  version: z.literal(1),
  station: z.string(),
  commune: z.string(),
  province: z.string(),
  hamlet: z.string().nullable(),
  software: z.string(),
  technician: z.string(),
  place: z.string(),
  position: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
  at: z.string(),
  clock: z.object({ source: z.string(), synchronised: z.boolean(), errorMs: z.number().nullable(), rtc: z.boolean() }),
  /** First characters of the root keys' thumbprints, to be compared with the paper. */
  rootKeys: z.array(z.string()),
  /** SHA-256 of the station's public key (SubjectPublicKeyInfo); `null` where the station has none, or it is damaged. */
  stationKey: z.string().nullable(),
  results: z.array(stepResult),
  pictures: z.array(picture),
});
export type Acceptance = z.infer<typeof acceptance>;

const LARGEST_PICTURE = 3_000_000;
/**
 * The print of the key that the station has, or will enrol with: where it is to enrol and nothing runs that makes its own, the key is made now.
 * `null` where there is none, or it is damaged.
 */
async function stationKey({ state, station, identity }: StationFile, agentRuns: boolean): Promise<string | null> {
  const folder = join(state, "identity");
  const found = await lookAtPair(folder, "current");
  if (found !== null) return typeof found === "string" ? null : keyPrint(found);
  if (agentRuns || identity.enrolUrl === undefined) return null;
  const made = await firstPair(folder, station);
  for (const path of made === null ? [] : [folder, join(folder, "current.json")]) await giveToOwnerOf(state, path);
  return made === null ? null : keyPrint(made);
}

/** By its first bytes, whatever it is called; one that is none, or too large, is left out. */
async function pictureOf(path: string): Promise<z.infer<typeof picture> | null> {
  const bytes = await readFile(path);
  const jpeg = bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]));
  const png = bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  if (bytes.length > LARGEST_PICTURE || (!jpeg && !png)) return null;
  const name = path.split("/").at(-1) ?? path;
  return { name, type: jpeg ? "image/jpeg" : "image/png", base64: bytes.toString("base64") };
}

export interface AcceptanceFacts {
  readonly answers: Answers;
  readonly file: StationFile;
  readonly results: Acceptance["results"];
  readonly version: string;
  readonly now: number;
  readonly time: Pick<SystemTime, "quality" | "rtc">;
  /** Then it makes the station's key itself. */
  readonly agentRuns: boolean;
}

/** Puts it together from what set-up found. @throws where a named picture cannot be read */
export async function makeAcceptance(facts: AcceptanceFacts): Promise<Acceptance> {
  const { answers, file, results, version, now, time, agentRuns } = facts;
  const { latitude, longitude, name } = answers.place;
  const pictures = await Promise.all(answers.photos.map(pictureOf));
  const { source, synchronised, errorMs } = await time.quality();
  const root = rootFile.parse(JSON.parse(await readFile(file.root, "utf8")));
  const { thumbprints } = (await Keyring.create(root, null)).root;
  return {
    version: 1,
    ...{ station: file.station, commune: file.commune, province: file.province, hamlet: file.hamlet ?? null },
    software: version,
    technician: answers.technician ?? "",
    place: name ?? "",
    position: latitude === undefined || longitude === undefined ? null : { latitude, longitude },
    at: new Date(now).toISOString(),
    clock: { source, synchronised, errorMs, rtc: (await time.rtc()).time !== null },
    rootKeys: [...thumbprints].map((print) => print.slice(0, 12)),
    stationKey: await stationKey(file, agentRuns),
    results,
    pictures: pictures.filter((one) => one !== null),
  };
}

export interface KeptAcceptance {
  readonly record: string;
  readonly page: string;
  /** Of the page's bytes. */
  readonly sha256: string;
  /** Of the record's: what the province countersigns. */
  readonly recordSha256: string;
}

/** Writes record and page into the state folder, for whoever owns that. */
export async function keepAcceptance(state: string, made: Acceptance, html: string): Promise<KeptAcceptance> {
  const folder = join(state, ACCEPTANCE_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const sha256 = sha256Of(html);
  const name = `${made.at.slice(0, 19).replaceAll(/[-:]/g, "")}-${sha256.slice(0, 12)}`;
  const [page, record] = [join(folder, `${name}.html`), join(folder, `${name}.json`)];
  await replaceFile(page, html);
  // The record last: where it stands, the page that it names does.
  const text = `${JSON.stringify({ page: `${name}.html`, pageSha256: sha256, ...made })}\n`;
  await replaceFile(record, text);
  for (const path of [folder, page, record]) await giveToOwnerOf(state, path);
  return { record, page, sha256, recordSha256: sha256Of(text) };
}
