/** Keeps made media by recipe in a folder, so that only the first run of a test waits for ffmpeg. */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { approvedMedia, approvedText } from "../../agent/contract/content.ts";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";
import { sha256Of } from "./envelope.ts";
import { FORMATS, installedVoices, type MediaFile, type MediaFormat, type MediaRecipe, makeMedia } from "./media.ts";

/** Part of every key: raised when the same recipe is to sound otherwise. */
const EDITION = 1;
/** ffmpeg uses one core; more at once would only take turns. */
const AT_ONCE = 2;

/** A wish: what, in which format, called how. */
export interface MediaOrder {
  readonly recipe: MediaRecipe;
  readonly format: MediaFormat;
  readonly title: string;
}

export class MediaLibrary {
  readonly folder: string;
  readonly #making = new Map<string, Promise<MediaFile>>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(folder: string): Promise<MediaLibrary> {
    await mkdir(folder, { recursive: true });
    return new MediaLibrary(folder);
  }

  /** The file of this recipe, made now where it is not there yet. */
  get(order: MediaOrder): Promise<MediaFile> {
    const key = sha256Of(JSON.stringify([EDITION, order]));
    const known = this.#making.get(key);
    if (known !== undefined) return known;
    const made = this.#getOrMake(key, order);
    this.#making.set(key, made);
    made.catch(() => this.#making.delete(key)); // The caller sees the error; the next one may try again.
    return made;
  }

  /** All of these, in their order. */
  async getAll<K extends string>(orders: Readonly<Record<K, MediaOrder>>): Promise<Record<K, MediaFile>> {
    const waiting = Object.values<MediaOrder>(orders);
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.get(next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const made = Object.entries<MediaOrder>(orders).map(async ([name, one]) => [name, await this.get(one)] as const);
    return Object.fromEntries(await Promise.all(made)) as Record<K, MediaFile>;
  }

  async #getOrMake(key: string, { recipe, format, title }: MediaOrder): Promise<MediaFile> {
    const file = join(this.folder, `${key}.${FORMATS[format].extension}`);
    const card = join(this.folder, `${key}.json`);
    const text = await readIfPresent(card);
    if (text !== null) {
      const kept = JSON.parse(text) as Omit<MediaFile, "file">;
      // The card is written last, so a file that fits it is whole.
      if ((await stat(file)).size === kept.sizeBytes) return { ...kept, file };
    }
    const { file: _, ...rest } = await makeMedia(recipe, format, file, title);
    await replaceFile(card, JSON.stringify(rest));
    return { ...rest, file };
  }
}

/** What a commune's day needs, in every accepted format. */
export const STANDARD_ORDERS = {
  chime: order({ kind: "chime", notesHz: [659.25, 523.25, 392], noteMs: 400 }, "flac", "Nhạc hiệu"),
  siren: order(
    { kind: "siren", lowHz: 400, highHz: 1_200, periodMs: 2_000, durationMs: 6_000 },
    "flac",
    "Còi báo động",
  ),
  warning: speech(
    "Khẩn cấp! Nước lũ đang lên nhanh. Đề nghị bà con di chuyển ngay đến nơi cao.",
    "flac",
    "Cảnh báo lũ",
  ),
  morning: speech("Đây là đài truyền thanh xã. Mời bà con nghe bản tin sáng.", "mp3", "Bản tin sáng"),
  vaccination: speech("Sáng mai trạm y tế xã tiêm chủng cho trẻ em dưới năm tuổi.", "m4a", "Thông báo tiêm chủng"),
  water: speech("Chiều nay xã tạm ngừng cấp nước từ mười ba giờ.", "m4a-faststart", "Thông báo cấp nước"),
  market: speech("Phiên chợ cuối tuần mở tại sân vận động xã.", "opus", "Tin chợ phiên"),
  tone: order({ kind: "tone", hz: 440, durationMs: 3_000 }, "wav", "Âm thử 440 Hz"),
} as const;

/** The standard media with the accents that this machine has. */
export async function standardMedia(library: MediaLibrary): Promise<Record<keyof typeof STANDARD_ORDERS, MediaFile>> {
  return library.getAll(STANDARD_ORDERS);
}

/** One sentence in each installed accent. */
export async function accents(library: MediaLibrary, text: string, format: MediaFormat): Promise<MediaFile[]> {
  const voices = await installedVoices();
  const orders = voices.map(
    (voice) => [voice, order({ kind: "speech", text, voice }, format, `Giọng ${voice}`)] as const,
  );
  return Object.values(await library.getAll(Object.fromEntries(orders)));
}

/** The line of a content document that approves this file. */
export function approveMedia(
  { sha256, sizeBytes, type, durationMs, title }: MediaFile,
  urls: readonly string[],
  pinned = false,
): z.input<typeof approvedMedia> {
  return { sha256, sizeBytes, type, durationMs, title, urls: [...urls], pinned };
}

/** The line of a content document that approves this text to be spoken or shown. */
export function approveText(text: string, language = "vi"): z.input<typeof approvedText> {
  return { sha256: sha256Of(text.normalize("NFC")), language };
}

function order(recipe: MediaRecipe, format: MediaFormat, title: string): MediaOrder {
  return { recipe, format, title };
}

function speech(text: string, format: MediaFormat, title: string): MediaOrder {
  return order({ kind: "speech", text, voice: "north" }, format, title);
}
