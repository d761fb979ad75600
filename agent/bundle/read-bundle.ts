/**
 * Reads a bundle that somebody brings on a stick: `bundle.json`, signed documents as they are, and `media/<sha256>`. Nothing in it is
 * believed. Invariants: no link is followed and no path leaves the folder, also where its owner changes it under our hands, because every
 * step is taken from an open directory; sizes and counts are bounded before anything is read; only plain files are opened.
 */

import { constants, type FileHandle, open, opendir } from "node:fs/promises";
import { z } from "zod";
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import { parseSha256, type Sha256 } from "../../playback/model/units.ts";
import { openPlain } from "../../storage/content/files.ts";
import { codeOf } from "../../storage/faults.ts";
import { MAX_DOCUMENT_BYTES } from "../contract/envelope.ts";
import { parseStrictJson } from "../strict-json.ts";

const MAX_INDEX_BYTES = 1_000_000;
const MAX_DOCUMENTS = 500;
const MAX_MEDIA = 5_000;

/** One name, or one in one folder; none begins with a dot. */
const fileName = z.string().regex(/^([A-Za-z0-9][A-Za-z0-9._-]{0,127}\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);

const index = z.strictObject({
  version: z.literal(1),
  documents: z.array(z.strictObject({ topic: z.string().max(300), file: fileName })).max(MAX_DOCUMENTS),
});

export interface BundleDocument {
  readonly topic: string;
  readonly file: string;
  /** The exact bytes, for the one door. */
  readonly bytes: Buffer;
}

export class Bundle {
  readonly #folder: FileHandle;
  readonly #media: FileHandle | null;
  readonly entries: readonly Omit<BundleDocument, "bytes">[];

  private constructor(folder: FileHandle, media: FileHandle | null, entries: Bundle["entries"]) {
    this.#folder = folder;
    this.#media = media;
    this.entries = entries;
  }

  /** Opens the folder and reads its index; close it afterwards. A refusal says what is wrong with it (`malformed`, `too-large`). */
  static async open(path: string): Promise<Bundle | Refusal> {
    const folder = await directory(path, true);
    if (folder === null) return refusal("malformed", `${path} is no folder that can be read`);
    let kept = false;
    try {
      const text = await whole(inside(folder, "bundle.json"), MAX_INDEX_BYTES);
      if (!Buffer.isBuffer(text)) return refusal(text.reason, `bundle.json: ${text.detail}`);
      const parsed = parseIndex(text);
      if ("reason" in parsed) return parsed;
      kept = true;
      return new Bundle(folder, await directory(inside(folder, "media"), false), parsed.documents);
    } finally {
      if (!kept) await folder.close();
    }
  }

  /** The bytes of a document, or why they cannot be had. */
  async document({ topic, file }: Bundle["entries"][number]): Promise<BundleDocument | Refusal> {
    const [first = "", second] = file.split("/");
    const folder = second === undefined ? this.#folder : await directory(inside(this.#folder, first), false);
    if (folder === null) return refusal("malformed", `${first} is no folder`);
    try {
      const bytes = await whole(inside(folder, second ?? first), MAX_DOCUMENT_BYTES);
      return Buffer.isBuffer(bytes) ? { topic, file, bytes } : bytes;
    } finally {
      if (folder !== this.#folder) await folder.close();
    }
  }

  /** Digests that files under `media/` are named by, at most 5,000; other names are not looked at. */
  async mediaNames(): Promise<Sha256[]> {
    if (this.#media === null) return [];
    const names: Sha256[] = [];
    let seen = 0;
    for await (const entry of await opendir(`/proc/self/fd/${this.#media.fd}`)) {
      const sha256 = parseSha256(entry.name);
      if (sha256 !== null) names.push(sha256);
      seen += 1;
      if (seen >= MAX_MEDIA) break;
    }
    return names.sort();
  }

  /** Where a file of media lies, good while the bundle is open; whoever opens it follows no link. */
  mediaPath(sha256: Sha256): string {
    if (this.#media === null) throw new Error("the bundle has no media");
    return inside(this.#media, sha256);
  }

  async close(): Promise<void> {
    await this.#media?.close();
    await this.#folder.close();
  }
}

/** A name inside an open directory: the kernel starts there, whatever the path to it means by now. */
const inside = (folder: FileHandle, name: string) => `/proc/self/fd/${folder.fd}/${name}`;

/** `null` where it is none, or may not be read. Only the folder that a person named may be reached over a link. */
async function directory(path: string, mayBeLink: boolean): Promise<FileHandle | null> {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | (mayBeLink ? 0 : O_NOFOLLOW));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EIO"].includes(codeOf(error))) return null;
    throw error;
  }
}

async function whole(path: string, most: number): Promise<Buffer | Refusal> {
  try {
    const file = await openPlain(path);
    if (file === null) return refusal("malformed", "no plain file");
    try {
      // One byte more than allowed tells that there is more, whatever the file system says of its size.
      const buffer = Buffer.alloc(most + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > most) return refusal("too-large", `more than ${most} bytes`);
      return Buffer.from(buffer.subarray(0, length));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return refusal("malformed", `cannot be read: ${codeOf(error)}`);
  }
}

function parseIndex(bytes: Buffer): z.infer<typeof index> | Refusal {
  try {
    const parsed = index.safeParse(parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return refusal("malformed", `bundle.json: ${issue?.path.join(".") || "(root)"}: ${issue?.message}`);
  } catch (error) {
    return refusal("malformed", `bundle.json: ${messageOf(error)}`);
  }
}
