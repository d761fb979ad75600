/**
 * The words ffmpeg is called with for a live source. An attempt is one connection: ffmpeg's own reconnecting stays off, because thousands
 * of stations would come back in step and a connection that hangs would hide behind it.
 *
 * Source: options of ffmpeg 5.1 (`ffmpeg -h protocol=…`, `-h demuxer=…`); 4.x gives `-timeout` of RTSP another meaning.
 */
import type { LineInput, LiveKind, LivePin } from "../../model/live.ts";
import { srtAsks } from "../../model/srt.ts";
import { type Millis, SECOND } from "../../model/units.ts";
import { type Band, lineFilters, liveFilters } from "../processing.ts";
import { RATE } from "../units.ts";

/** Sockets give up by themselves after this, in case nobody watches. */
const SOCKET_TIMEOUT_US = "8000000";

/** What a source may be opened with; nothing else, whatever it hands out. */
const PROTOCOLS: Record<LiveKind, string> = {
  icecast: "http,https,tcp,tls,httpproxy",
  hls: "http,https,tcp,tls,httpproxy,crypto",
  rtsp: "rtsp,tcp",
  rtmp: "rtmp,tcp",
  srt: "srt",
  rtp: "pipe,rtp,udp",
  line: "pipe",
};
/** A stream of sound: no list of other files can be taken for one. */
const STREAMS = "mp3,aac,ogg,flac,wav,mpegts,matroska,webm,mov";
const LOW_LATENCY = [
  ...["-fflags", "+nobuffer+discardcorrupt", "-flags", "low_delay"],
  ...["-probesize", "32k", "-analyzeduration", "300000", "-max_delay", "100000"],
];
/** In which a lost datagram can be asked for again, over a way of 60 ms and back. Assumed: twice the protocol's default. */
const SRT_LATENCY_US = "240000";
const WEB = ["-rw_timeout", SOCKET_TIMEOUT_US];

const INPUT: Record<LiveKind, readonly string[]> = {
  icecast: [...WEB, "-format_whitelist", STREAMS, "-probesize", "64k", "-analyzeduration", "1000000"],
  hls: [...WEB, "-f", "hls", "-live_start_index", "-3", "-max_reload", "30", "-http_persistent", "0"],
  rtsp: [
    ...LOW_LATENCY,
    "-f",
    "rtsp",
    "-rtsp_transport",
    "tcp",
    "-allowed_media_types",
    "audio",
    "-timeout",
    SOCKET_TIMEOUT_US,
  ],
  rtmp: [...LOW_LATENCY, "-rw_timeout", SOCKET_TIMEOUT_US, "-rtmp_live", "live", "-rtmp_buffer", "500"],
  srt: [...LOW_LATENCY, "-format_whitelist", STREAMS, "-latency", SRT_LATENCY_US],
  rtp: [...LOW_LATENCY, "-reorder_queue_size", "64", "-buffer_size", "1048576"],
  line: ["-probesize", "32", "-analyzeduration", "0"],
};

/** Words that open a capture device, in pieces of a hundredth of a second. */
export function captureWords({ kind, device }: LineInput): readonly string[] {
  // PulseAudio otherwise hands over two seconds at a time.
  const prompt = kind === "pulse" ? ["-fragment_size", String(RATE / 50)] : ["-thread_queue_size", "64"];
  return ["-f", kind, ...prompt, "-channels", "1", "-sample_rate", String(RATE), "-i", device];
}

/** Arguments that receive a source and give raw mono samples on standard output. `from` is what the gate says, or the device of a line. */
export function liveArguments(pin: LivePin, from: string | LineInput, band: Band | null): readonly string[] {
  const url = typeof from === "string" ? from : "";
  const filters = pin.kind === "line" ? lineFilters(band) : liveFilters(band);
  return [
    ...["-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", PROTOCOLS[pin.kind]],
    // An option that no protocol in use knows ends ffmpeg; and without it ffmpeg believes any certificate.
    ...(url.startsWith("https:") ? ["-tls_verify", "1"] : []),
    ...INPUT[pin.kind],
    ...(typeof from === "string" ? streamWords(pin, from) : captureWords(from)),
    ...["-map", "0:a:0", "-vn", "-sn", "-dn", "-af", filters],
    ...["-ac", "1", "-ar", String(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "-flush_packets", "1", "pipe:1"],
  ];
}

function streamWords({ kind, sdp, url: pinned }: LivePin, url: string): readonly string[] {
  if (kind === "srt") return [...srtWords(pinned), "-i", url];
  if (kind !== "rtp") return ["-i", url];
  return sdp === undefined ? ["-f", "rtp", "-i", url] : ["-f", "sdp", "-i", "pipe:0"];
}

/** What an SRT address asks for, as options: ffmpeg does not decode what stands in an address. `-streamid` is another option, of output files. */
export function srtWords(address: string): readonly string[] {
  const { streamid, passphrase } = srtAsks(address);
  return [
    ...["-mode", "caller", "-connect_timeout", "5000", "-timeout", SOCKET_TIMEOUT_US],
    ...(streamid === null ? [] : ["-srt_streamid", streamid]),
    ...(passphrase === null ? [] : ["-passphrase", passphrase]),
  ];
}

/** How much of a source is held, and how it is kept. */
export interface LiveDepth {
  /** Queued in the graph ahead of what is heard. */
  readonly aheadMs: Millis;
  /** Held against an unsteady network, besides. */
  readonly targetMs: Millis;
  /** More is never held. */
  readonly mostMs: Millis;
  /** The server keeps what is not asked for yet: nothing is left out to stay near. */
  readonly patient: boolean;
}

/** Assumed: a second for what is listened to, a third of one for somebody who speaks now. */
export const LIVE_DEPTHS: Record<LiveKind, LiveDepth> = {
  icecast: { aheadMs: 300, targetMs: 700, mostMs: 3 * SECOND, patient: false },
  hls: { aheadMs: 300, targetMs: 1_000, mostMs: 2 * SECOND, patient: true },
  rtmp: { aheadMs: 200, targetMs: 400, mostMs: 2 * SECOND, patient: false },
  rtsp: { aheadMs: 160, targetMs: 160, mostMs: SECOND, patient: false },
  srt: { aheadMs: 200, targetMs: 300, mostMs: 2 * SECOND, patient: false },
  rtp: { aheadMs: 160, targetMs: 160, mostMs: SECOND, patient: false },
  line: { aheadMs: 160, targetMs: 160, mostMs: SECOND, patient: false },
};
