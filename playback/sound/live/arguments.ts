/**
 * The words ffmpeg is called with for a live source. An attempt is one connection: ffmpeg's own reconnecting stays off, because thousands
 * of stations would come back in step and a connection that hangs would hide behind it.
 *
 * Source: options of ffmpeg 5.1 (`ffmpeg -h protocol=…`, `-h demuxer=…`); 4.x gives `-timeout` of RTSP another meaning.
 */
import type { LiveKind, LivePin } from "../../model/live.ts";
import { type Millis, SECOND } from "../../model/units.ts";
import { type Band, liveFilters } from "../processing.ts";
import { RATE } from "../units.ts";

/** Sockets give up by themselves after this, in case nobody watches. */
const SOCKET_TIMEOUT_US = "8000000";

/** What a source may be opened with; nothing else, whatever it hands out. */
const PROTOCOLS: Record<LiveKind, string> = {
  icecast: "http,https,tcp,tls,httpproxy",
  hls: "http,https,tcp,tls,httpproxy,crypto",
  rtsp: "rtsp,tcp",
  rtmp: "rtmp,tcp",
  rtp: "pipe,rtp,udp",
};
/** A stream of sound: no list of other files can be taken for one. */
const STREAMS = "mp3,aac,ogg,flac,wav,mpegts,matroska,webm,mov";
const LOW_LATENCY = [
  ...["-fflags", "+nobuffer+discardcorrupt", "-flags", "low_delay"],
  ...["-probesize", "32k", "-analyzeduration", "300000", "-max_delay", "100000"],
];
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
  rtp: [...LOW_LATENCY, "-reorder_queue_size", "64", "-buffer_size", "1048576"],
};

/** Arguments that receive a source and give raw mono samples on standard output. `url` is what the gate says. */
export function liveArguments(pin: LivePin, url: string, band: Band | null): readonly string[] {
  const rtp = pin.sdp === undefined ? ["-f", "rtp"] : ["-f", "sdp"];
  const input = pin.kind === "rtp" && pin.sdp !== undefined ? "pipe:0" : url;
  return [
    ...["-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", PROTOCOLS[pin.kind]],
    // An option that no protocol in use knows ends ffmpeg; and without it ffmpeg believes any certificate.
    ...(url.startsWith("https:") ? ["-tls_verify", "1"] : []),
    ...INPUT[pin.kind],
    ...(pin.kind === "rtp" ? rtp : []),
    ...["-i", input, "-map", "0:a:0", "-vn", "-sn", "-dn", "-af", liveFilters(band)],
    ...["-ac", "1", "-ar", String(RATE), "-c:a", "pcm_f32le", "-f", "f32le", "-flush_packets", "1", "pipe:1"],
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
  rtp: { aheadMs: 160, targetMs: 160, mostMs: SECOND, patient: false },
};
