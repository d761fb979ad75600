/** The words ffmpeg is called with to carry a microphone or a line into the network, and to let it be watched. Pure. */
import { captureWords } from "../../playback/sound/live/arguments.ts";
import { RATE } from "../../playback/sound/units.ts";

export const BRIDGE_SYSTEMS = ["alsa", "pulse"] as const;
export const BRIDGE_FORMATS = ["mp3", "opus"] as const;

export interface BridgeSettings {
  /** `alsa` takes a PCM name (`plughw:CARD=USB`), `pulse` a source. */
  readonly system: (typeof BRIDGE_SYSTEMS)[number];
  readonly device: string;
  /** `icecast://source:password@host:port/mount`, or `rtp://group:port`. */
  readonly to: string;
  readonly format: (typeof BRIDGE_FORMATS)[number];
  readonly kilobits: number;
  /** Where the description of an RTP stream goes, for the pin that the province signs. */
  readonly sdp: string | null;
}

const CODECS: Record<
  BridgeSettings["format"],
  { readonly codec: readonly string[]; readonly icecast: readonly string[] }
> = {
  mp3: { codec: ["-c:a", "libmp3lame"], icecast: ["-content_type", "audio/mpeg", "-f", "mp3"] },
  // Pages of 20 ms: the default of a second would be heard as delay.
  opus: {
    codec: ["-c:a", "libopus", "-application", "lowdelay", "-frame_duration", "20"],
    icecast: ["-content_type", "audio/ogg", "-page_duration", "20000", "-f", "ogg"],
  },
};

/** Rumble and handling noise go, and nobody who shouts can overdrive the stations. */
const CLEAN = "highpass=f=80,alimiter=limit=0.9:level=false";

/** Why these settings lead nowhere, or `null`. */
export function settingsMistake({ to }: Pick<BridgeSettings, "to">): string | null {
  if (!URL.canParse(to)) return "the address cannot be read";
  const { protocol, username, password, port } = new URL(to);
  if (protocol === "rtp:") return port === "" ? "an RTP address needs a port" : null;
  if (protocol !== "icecast:") return `'${protocol}' is neither icecast: nor rtp:`;
  return username === "" || password === "" ? "an Icecast address needs a user and a password" : null;
}

/** The encoded sound goes to the network, the same sound as raw samples to standard output. */
export function bridgeArguments({ system, device, to, format, kilobits, sdp }: BridgeSettings): readonly string[] {
  const { codec, icecast } = CODECS[format];
  const rtp = to.startsWith("rtp:");
  const carried = rtp ? ["-f", "rtp", ...(sdp === null ? [] : ["-sdp_file", sdp])] : icecast;
  return [
    ...["-nostdin", "-hide_banner", "-loglevel", "error"],
    ...captureWords({ kind: system, device }),
    ...["-filter_complex", `[0:a:0]${CLEAN},asplit[air][meter]`],
    ...["-map", "[air]", "-ac", "1", ...codec, "-b:a", `${kilobits}k`, "-flush_packets", "1", ...carried, to],
    ...["-map", "[meter]", "-ac", "1", "-ar", String(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"],
  ];
}
