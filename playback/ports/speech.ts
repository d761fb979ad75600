/** Approved texts, spoken by a voice that is installed here. */
import type { Refusal } from "../model/refusal.ts";
import type { OpenMedia } from "./media.ts";

export interface Speech {
  /** Whether this text is approved and a voice for its language (BCP 47) is installed. */
  speaks(text: string, language: string): boolean;
  /** Renders it, or takes what was rendered before; a refusal says `digest-not-approved`, `no-voice` or `media-unplayable`. */
  open(text: string, language: string): Promise<OpenMedia | Refusal>;
}
