/** The outputs of a cluster as station.yaml declares them, each with its card and its amplifier; they share cards, buses and turns. */
import type { Buses } from "../../drivers/bus/bus.ts";
import { openAlsaCutIn } from "../../drivers/sound/alsa-cut-in.ts";
import type { PlayLog, SlotOutcome } from "../../playback/ports/play-log.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import { PowerOnTurns } from "../../playback/power-on-turns.ts";
import { NoSound } from "../../playback/sound/no-sound.ts";
import { type Band, measuringRecipe } from "../../playback/sound/processing.ts";
import { AudioCards } from "../../playback/sound/web-audio.ts";
import { WebAudioOutput } from "../../playback/sound/web-audio-output.ts";
import { type OutputFile, outputsOf, sounds } from "../config/hardware-file.ts";
import type { Parts } from "../station.ts";
import { Output } from "./output.ts";

type OutputsParts = Pick<
  Parts,
  "file" | "clock" | "store" | "media" | "speech" | "recordings" | "supervisor" | "board" | "trouble" | "log"
> & {
  readonly playLog: PlayLog;
  readonly buses: Buses;
  readonly onSlotEnd: () => void;
};

/** Nothing is opened. */
export function composeOutputs(parts: OutputsParts): Parts["outputs"] {
  const { file, clock, media, speech, log, playLog, recordings, store, buses } = parts;
  const declared = outputsOf(file);
  const amplifiers = declared.filter(({ amplifier }) => amplifier.kind !== "none").length;
  const shared = {
    ...{ clock, media, speech, log, playLog, recordings, buses, journal: store.journal },
    powerOnTurns: new PowerOnTurns(clock, amplifiers),
  };
  const cards = new AudioCards();
  const [first, ...further] = declared.map((output, index) => {
    const { name } = output;
    const ports = {
      ...shared,
      sound: soundOf(output, cards, parts),
      onStorageFault: (message: string) => {
        parts.trouble.storage = message;
      },
      onSlotEnd: (key: string, outcome: SlotOutcome) => {
        log.info("slot ended", { output: name, key, outcome });
        if (key.startsWith("announcement ")) parts.board.forgetAnnouncement(key, name, outcome);
        parts.onSlotEnd();
      },
    };
    return new Output(output, index === 0, ports, parts.board.facts);
  });
  if (first === undefined) throw new Error("a cluster has at least one output");
  return [first, ...further];
}

/** The band that the output's horn carries. */
export function bandOf({ sound: { band } }: OutputFile): Band | null {
  return band === "off" ? null : band;
}

function soundOf(output: OutputFile, cards: AudioCards, parts: OutputsParts): SoundOutput {
  if (!sounds(output)) return new NoSound();
  const { clock, supervisor, store, log, file } = parts;
  const { microphone, lineInputs } = file.hardware;
  const { name, sound } = output;
  const band = bandOf(output);
  return new WebAudioOutput({
    ...{ clock, supervisor, cards, band },
    label: sound.device,
    microphone: microphone === undefined ? undefined : { label: microphone.device },
    lines: lineInputs,
    channel: sound.channel,
    channels: sound.channels,
    latencyHint: sound.latencyHint,
    latencyCorrectionMs: sound.latencyCorrectionMs,
    gain: sound.gainDb,
    delayMs: sound.delayMs,
    openCutIn: openAlsaCutIn,
    measured: (sha256) => store.loudness.get(sha256, measuringRecipe(band)),
    log: (event, fields) => log.info(event, { output: name, ...fields }),
  });
}
