/** Approved content: what may sound or be shown at all. A schedule only names digests that stand here. */
import { z } from "zod";
import { LIVE_KINDS, type LiveKind, type LivePin } from "../../playback/model/live.ts";
import { type ApprovedMedia, MEDIA_USES } from "../../playback/model/schedule.ts";
import { srtMistake } from "../../playback/model/srt.ts";
import { durationMs, identifier, language, level, mediaUrl, sha256, text } from "./primitives.ts";

/** 500 MB: two hours of the heaviest format that is accepted. */
const MAX_MEDIA_BYTES = 500_000_000;

/** What the decoder has a demuxer for; anything else could never sound. */
export const AUDIO_TYPES = ["audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav"] as const;

export const approvedMedia = z.strictObject({
  sha256,
  sizeBytes: z.int().min(1).max(MAX_MEDIA_BYTES),
  type: z.enum([...AUDIO_TYPES, "image/png", "image/jpeg", "video/mp4"]),
  /** As the file itself says. Of an MP4 that is less than what is decoded: what fills its last frame is not played. */
  durationMs,
  title: text(200),
  urls: z.array(mediaUrl).max(8),
  pinned: z.boolean().default(false),
  use: z.enum(MEDIA_USES).optional(),
  language: language.optional(),
});
approvedMedia satisfies z.ZodType<ApprovedMedia>;

/** A text to be spoken or shown, approved by the SHA-256 of its NFC UTF-8 bytes. */
export const approvedText = z.strictObject({ sha256, language });

const SCHEMES: Record<LiveKind, readonly string[]> = {
  icecast: ["http:", "https:"],
  hls: ["http:", "https:"],
  rtsp: ["rtsp:"],
  rtmp: ["rtmp:"],
  srt: ["srt:"],
  rtp: ["rtp:"],
  line: ["line:"],
};

/** An input that `hardware.lineInputs` of station.yaml describes. */
const LINE = /^line:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A live source, and every host that it may lead to. Whoever speaks live is approved here, by a content key, and nowhere else. */
export const livePin = z
  .strictObject({
    id: identifier,
    kind: z.enum(LIVE_KINDS),
    url: z.url({ protocol: /^(https?|rtsp|rtmp|srt|rtp|line)$/ }).max(2_000),
    /** `host` or `host:port`; an IPv6 address in brackets. */
    hosts: z
      .array(z.string().regex(/^([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?$/))
      .max(16)
      .default([]),
    sdp: z
      .string()
      .max(4_000)
      .regex(/^v=0\r?\n/)
      .optional(),
  })
  .refine(({ kind, url }) => SCHEMES[kind].includes(new URL(url).protocol), {
    error: "the address does not belong to this kind of source",
    path: ["url"],
  })
  .refine(({ kind, url, hosts }) => kind !== "line" || (LINE.test(url) && hosts.length === 0), {
    error: "a line is named as `line:NAME`, and leads to no host",
    path: ["url"],
  })
  .refine(({ kind, url }) => kind !== "srt" || srtMistake(new URL(url)) === null, {
    error: ({ input }) => srtMistake(new URL((input as LivePin).url)) ?? undefined,
    path: ["url"],
  })
  .refine(({ kind, sdp }) => sdp === undefined || kind === "rtp", {
    error: "only an RTP source has a session description",
    path: ["sdp"],
  });
livePin satisfies z.ZodType<LivePin>;

export const contentBody = z.strictObject({
  /** Signed, because the topic that also says it is not. */
  level,
  media: z.array(approvedMedia).max(2_000).default([]),
  texts: z.array(approvedText).max(2_000).default([]),
  live: z.array(livePin).max(100).default([]),
});
