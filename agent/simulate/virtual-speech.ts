/** A voice that is never heard: it speaks Vietnamese and English at the pace that the agenda assumes. */
import { itemLength } from "../../playback/agenda/agenda.ts";
import { refusal } from "../../playback/model/refusal.ts";
import type { Sha256 } from "../../playback/model/units.ts";
import type { Speech } from "../../playback/ports/speech.ts";

const LANGUAGES = ["vi", "en"];
/** What the sound output remembers in place of a digest. */
export const SPOKEN = "text:";

export class VirtualSpeech implements Speech {
  /** Taken away by a test. */
  languages: readonly string[] = LANGUAGES;

  speaks(_text: string, language: string): boolean {
    return this.languages.includes(language);
  }

  open(text: string, language: string) {
    if (!this.speaks(text, language)) return Promise.resolve(refusal("no-voice", `no voice here speaks '${language}'`));
    const durationMs = itemLength({ kind: "text", id: "", title: "", text, language }, new Map());
    const sha256 = `${SPOKEN}${text}` as Sha256;
    return Promise.resolve({ sha256, fd: -1, type: "audio/wav", durationMs, close: () => Promise.resolve() });
  }
}
