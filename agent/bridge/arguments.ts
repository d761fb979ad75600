/** The words ffmpeg is called with to carry a microphone or a line into the network, and to let it be watched. Pure. */
import { srtMistake } from "../../playback/model/srt.ts";
import { captureWords, srtWords } from "../../playback/sound/live/arguments.ts";
import { RATE } from "../../playback/sound/units.ts";

export const BRIDGE_SYSTEMS = ["alsa", "pulse"] as const;
export const BRIDGE_FORMATS = ["mp3", "opus", "aac"] as const;
type Format = (typeof BRIDGE_FORMATS)[number];

export interface BridgeSettings {
  /** `alsa` takes a PCM name (`plughw:CARD=USB`), `pulse` a source. */
  readonly system: (typeof BRIDGE_SYSTEMS)[number];
  readonly device: string;
  /** `icecast://source:password@host:port/mount`, `srt://host:port?passphrase=…`, `rtmp://host/app/key`, or `rtp://group:port`. */
  readonly to: string;
  readonly format: Format;
  readonly kilobits: number;
  /** Where the description of an RTP stream goes, for the pin that the province signs. */
  readonly sdp: string | null;
}

const CODECS: Record<Format, { readonly codec: readonly string[]; readonly icecast: readonly string[] }> = {
  mp3: { codec: ["-c:a", "libmp3lame"], icecast: ["-content_type", "audio/mpeg", "-f", "mp3"] },
  aac: { codec: ["-c:a", "aac"], icecast: ["-content_type", "audio/aac", "-f", "adts"] },
  // Pages of 20 ms: the default of a second would be heard as delay.
  opus: {
    codec: ["-c:a", "libopus", "-application", "lowdelay", "-frame_duration", "20"],
    icecast: ["-content_type", "audio/ogg", "-page_duration", "20000", "-f", "ogg"],
  },
};

/** Rumble and handling noise go, and nobody who shouts can overdrive the stations. */
const CLEAN = "highpass=f=80,alimiter=limit=0.9:level=false";

/** Where to, by the scheme of the address: the formats that go there, the usual one first. */
interface Way {
  readonly formats: readonly [Format, ...Format[]];
  readonly words: (settings: BridgeSettings) => readonly string[];
  readonly mistake: (to: URL) => string | null;
}

const SOCKET_TIMEOUT_US = "5000000";
const WAYS: Readonly<Record<string, Way>> = {
  "icecast:": {
    formats: ["mp3", "opus", "aac"],
    words: ({ to, format }) => [...CODECS[format].icecast, to],
    mistake: ({ username, password }) =>
      username === "" || password === "" ? "an Icecast address needs a user and a password" : null,
  },
  "srt:": {
    formats: ["aac", "mp3", "opus"],
    words: ({ to }) => ["-f", "mpegts", ...srtWords(to), `srt://${new URL(to).host}`],
    mistake: srtMistake,
  },
  "rtmp:": {
    formats: ["aac"],
    words: ({ to }) => ["-f", "flv", "-flvflags", "no_duration_filesize", "-rw_timeout", SOCKET_TIMEOUT_US, to],
    mistake: ({ pathname }) => (pathname.length > 1 ? null : "an RTMP address needs an application and a key"),
  },
  "rtp:": {
    formats: ["mp3", "opus"],
    words: ({ to, sdp }) => ["-f", "rtp", ...(sdp === null ? [] : ["-sdp_file", sdp]), to],
    mistake: ({ port }) => (port === "" ? "an RTP address needs a port" : null),
  },
};

/** The formats that can be carried to this address, the usual one first; none where it leads nowhere. */
export function formatsTo(to: string): readonly Format[] {
  return URL.canParse(to) ? (WAYS[new URL(to).protocol]?.formats ?? []) : [];
}

/** Why these settings lead nowhere, or `null`. */
export function settingsMistake({ to }: Pick<BridgeSettings, "to">): string | null {
  if (!URL.canParse(to)) return "the address cannot be read";
  const url = new URL(to);
  const way = WAYS[url.protocol];
  return way === undefined ? `'${url.protocol}' is none of ${Object.keys(WAYS).join(", ")}` : way.mistake(url);
}

/** What must not be shown of an address: password, passphrase, and the path of RTMP, which ends with its key. */
export function secretsOf(to: string): readonly string[] {
  const { protocol, password, pathname, searchParams } = new URL(to);
  const path = protocol === "rtmp:" ? pathname : "";
  const found = [password, decoded(password), searchParams.get("passphrase") ?? "", path];
  return found.filter((secret) => secret !== "");
}

/** The encoded sound goes to the network, the same sound as raw samples to standard output. */
export function bridgeArguments(settings: BridgeSettings): readonly string[] {
  const { system, device, to, format, kilobits } = settings;
  const words = WAYS[new URL(to).protocol]?.words(settings) ?? [];
  return [
    ...["-nostdin", "-hide_banner", "-loglevel", "error"],
    ...captureWords({ kind: system, device }),
    ...["-filter_complex", `[0:a:0]${CLEAN},asplit[air][meter]`],
    ...["-map", "[air]", "-ac", "1", ...CODECS[format].codec, "-b:a", `${kilobits}k`, "-flush_packets", "1", ...words],
    ...["-map", "[meter]", "-ac", "1", "-ar", String(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"],
  ];
}

/** A `%` that begins no escape is let through by `URL`. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
