/** What the camera worker is told, on its standard input, and how it calls ffmpeg. */

export interface WorkerOrders {
  /** What the gate says: a port of the loopback that leads to the pinned host only. May hold a password. */
  readonly url: string;
}

/** Longest side of what the page decodes in its own program, and frames a second; MPEG-1 knows only some rates. */
const MOST = { width: 1280, height: 720 } as const;
const RATE = "25";
/** ffmpeg needs a quarter of it for 4K; a camera that makes it take more is cut off. */
const MEMORY_BYTES = 1_500_000_000;

/** Before the input. Source: options of ffmpeg 5.1; `-timeout` in microseconds. */
const INPUT = [
  ...["-nostdin", "-nostats", "-loglevel", "error", "-protocol_whitelist", "rtsp,tcp"],
  ...[
    "-fflags",
    "+nobuffer+discardcorrupt",
    "-flags",
    "low_delay",
    "-probesize",
    "500k",
    "-analyzeduration",
    "1000000",
  ],
  ...["-f", "rtsp", "-rtsp_transport", "tcp", "-allowed_media_types", "video", "-timeout", "5000000"],
];

/** After the input, as the package takes them; B-frames would only add delay. */
export const OUTPUT: Readonly<Record<string, string>> = {
  "-an": "",
  "-vf": `scale='min(${MOST.width},iw)':'min(${MOST.height},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2,format=yuv420p`,
  "-r": RATE,
  "-bf": "0",
  "-g": RATE,
  "-b:v": "1800k",
  "-maxrate": "2500k",
  "-bufsize": "1250k",
  "-muxdelay": "0",
};

/**
 * The words that really start what the package would start as `ffmpeg …`: it puts every option behind the input, and lets ffmpeg outlive
 * whoever asked for it.
 */
export function guarded(args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  const limits = ["--pdeathsig", "KILL", "--", "prlimit", `--as=${MEMORY_BYTES}`, "--", "ffmpeg"];
  return { command: "setpriv", args: [...limits, ...INPUT, ...args] };
}

/** @throws Error where it is none */
export function parseOrders(text: string): WorkerOrders {
  const value: unknown = JSON.parse(text);
  const url = typeof value === "object" && value !== null && "url" in value ? value.url : null;
  const { protocol, hostname } = new URL(String(url));
  if (protocol !== "rtsp:" || hostname !== "127.0.0.1") throw new Error("no address of a gate was given");
  return { url: String(url) };
}
