/**
 * The words ffmpeg is called with. The demuxer is forced from the approved media type: a file is never taken for a playlist, a
 * script or anything else that could open other files. The only file that knows fluent-ffmpeg.
 */
import ffmpeg from "fluent-ffmpeg";
import type { Millis } from "../model/units.ts";
import { type Band, fileFilters, measuringFilters, type Treatment } from "./processing.ts";
import { RATE } from "./units.ts";

const DEMUXERS: ReadonlyMap<string, string> = new Map([
  ["audio/mpeg", "mp3"],
  ["audio/mp4", "mov"],
  ["audio/ogg", "ogg"],
  ["audio/opus", "ogg"],
  ["audio/flac", "flac"],
  ["audio/wav", "wav"],
]);
/**
 * Decoders need a run-up (MP3 bit reservoir, Opus pre-roll): the file is entered this much earlier, and what is too much is cut
 * off by the sample after decoding.
 */
const RUN_UP: Millis = 1_000;

/** A media type without its parameters. */
export function plainType(type: string): string {
  return type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Arguments that decode descriptor 3 from a position to raw mono samples on standard output; `null` for a type not allowed. */
export function decoderArguments(type: string, from: Millis, treatment: Treatment): readonly string[] | null {
  const enter = Math.max(0, from - RUN_UP);
  const command = reading(type, "error")
    ?.audioFilters(fileFilters(treatment))
    .audioChannels(1)
    .audioFrequency(RATE)
    .audioCodec("pcm_f32le")
    .format("f32le")
    .output("pipe:1");
  if (command === undefined) return null;
  if (enter > 0) command.seekInput(enter / 1_000);
  // Cut behind the filters, so that they have run in too.
  if (from > enter) command.seek((from - enter) / 1_000);
  // The builder leaves numbers among them.
  return command._getArguments().map(String);
}

/** Arguments that read descriptor 3 to its end and say on standard error how loud it is; `null` for a type not allowed. */
export function measuringArguments(type: string, band: Band | null): readonly string[] | null {
  const command = reading(type, "info")?.audioFilters(measuringFilters(band)).format("null").output("pipe:1");
  return command?._getArguments().map(String) ?? null;
}

function reading(type: string, say: "error" | "info"): ffmpeg.FfmpegCommand | undefined {
  const demuxer = DEMUXERS.get(plainType(type));
  if (demuxer === undefined) return undefined;
  const quiet = ["-nostdin", "-nostats", "-hide_banner", `-loglevel ${say}`];
  return ffmpeg()
    .input("/proc/self/fd/3")
    .inputOptions([...quiet, "-protocol_whitelist file", `-f ${demuxer}`])
    .noVideo()
    .outputOptions(["-map 0:a:0", "-sn", "-dn"]);
}
