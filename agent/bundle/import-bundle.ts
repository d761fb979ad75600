/**
 * Takes in what a bundle holds: documents through the one door that the network uses too, then the media that these documents approve.
 * Nothing here decides what is good; it only carries and tells.
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import { StationError } from "../../playback/model/station-error.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { DOCUMENT_KINDS } from "../contract/envelope.ts";
import { parseDownlinkTopic } from "../contract/topics.ts";
import { Bundle } from "./read-bundle.ts";

export interface ImportPorts {
  /** The one door; `null` where the document was adopted or acted upon. @throws StationError `storage-failed` */
  readonly receive: (topic: string, bytes: Buffer) => Promise<Refusal | null>;
  readonly importMedia: (path: string, sha256: Sha256) => Promise<Refusal | null>;
  readonly hasMedia: (sha256: Sha256) => boolean;
}

export interface Outcome {
  /** `known`: was here before. */
  readonly result: "taken" | "known" | "refused";
  readonly reason: string | null;
  readonly detail: string | null;
}

export interface ImportReport {
  readonly documents: readonly ({ readonly topic: string; readonly file: string } & Outcome)[];
  readonly media: readonly ({ readonly sha256: Sha256 } & Outcome)[];
}

/** What the journal keeps of an import: how much of each, and what was refused first. */
export function summaryOf({ documents, media }: ImportReport) {
  const count = (list: readonly Outcome[]) => ({
    taken: list.filter(({ result }) => result === "taken").length,
    known: list.filter(({ result }) => result === "known").length,
    refused: list.filter(({ result }) => result === "refused").length,
  });
  const refused = [...documents, ...media].find(({ result }) => result === "refused");
  return { documents: count(documents), media: count(media), firstRefusal: refused?.detail ?? null };
}

const TAKEN: Outcome = { result: "taken", reason: null, detail: null };
const KNOWN: Outcome = { result: "known", reason: null, detail: null };

/** Keys before what they sign, approvals before schedules: the order of the kinds. */
function rank(topic: string): number {
  const kind = parseDownlinkTopic(topic)?.kind;
  return kind === undefined ? DOCUMENT_KINDS.length : DOCUMENT_KINDS.indexOf(kind);
}

async function attempt(work: () => Promise<Refusal | null>): Promise<Outcome> {
  try {
    const refused = await work();
    if (refused === null) return TAKEN;
    if (refused.reason === "duplicate") return KNOWN;
    return { result: "refused", reason: refused.reason, detail: refused.detail };
  } catch (error) {
    // A stick that breaks off, or a full disk: the rest is tried all the same, and this is told.
    if (!(error instanceof StationError)) throw error;
    return { result: "refused", reason: error.code, detail: error.message };
  }
}

/** What became of each document and each file of media, or why the bundle could not be read at all. */
export async function importBundle(folder: string, ports: ImportPorts): Promise<ImportReport | Refusal> {
  const bundle = await Bundle.open(folder);
  if (isRefusal(bundle)) return bundle;
  try {
    const documents: ImportReport["documents"][number][] = [];
    const entries = [...bundle.entries].sort((a, b) => rank(a.topic) - rank(b.topic));
    for (const entry of entries) {
      const outcome = await attempt(async () => {
        const document = await bundle.document(entry);
        return isRefusal(document) ? document : ports.receive(document.topic, document.bytes);
      });
      documents.push({ ...entry, ...outcome });
    }
    const media: ImportReport["media"][number][] = [];
    for (const sha256 of await bundle.mediaNames()) {
      const outcome = ports.hasMedia(sha256)
        ? KNOWN
        : await attempt(() => ports.importMedia(bundle.mediaPath(sha256), sha256));
      media.push({ sha256, ...outcome });
    }
    return { documents, media };
  } finally {
    await bundle.close();
  }
}
