/** The few calls of ALSA's library that Web Audio keeps to itself. Source: alsa-lib 1.2, `pcm.h`; negative numbers are errors of the kernel. */
import koffi from "koffi";

/** Values of `pcm.h`, on every architecture that Loa runs on but for the byte order, which is little on all of them. */
const PLAYBACK = 0;
const NONBLOCK = 1;
const FLOAT_LE = 14;
const INTERLEAVED = 3;
const RESAMPLE = 1;

/** An open PCM; only ALSA knows what is in it. */
export type Pcm = unknown;

type Callback = (error: Error | null, result: number) => void;
interface Call<Args extends readonly unknown[]> {
  (...args: Args): number;
  async(...args: [...Args, Callback]): void;
}

interface Library {
  open: Call<[pcm: Pcm[], name: string, stream: number, mode: number]>;
  setParams: Call<
    [pcm: Pcm, format: number, access: number, channels: number, rate: number, resample: number, latencyUs: number]
  >;
  write: Call<[pcm: Pcm, frames: Float32Array, count: number]>;
  start: Call<[pcm: Pcm]>;
  delay: Call<[pcm: Pcm, frames: number[]]>;
  drop: Call<[pcm: Pcm]>;
  prepare: Call<[pcm: Pcm]>;
  close: Call<[pcm: Pcm]>;
  strerror(error: number): string;
}

let library: Library | null = null;

/** @throws Error where the machine has no ALSA */
function loaded(): Library {
  if (library !== null) return library;
  const alsa = koffi.load("libasound.so.2");
  const call = <Args extends readonly unknown[]>(text: string) => alsa.func(text) as unknown as Call<Args>;
  library = {
    open: call("int snd_pcm_open(_Out_ void **pcm, const char *name, int stream, int mode)"),
    setParams: call(
      "int snd_pcm_set_params(void *pcm, int format, int access, uint channels, uint rate, int resample, uint latency)",
    ),
    write: call("long snd_pcm_writei(void *pcm, const float *frames, unsigned long count)"),
    start: call("int snd_pcm_start(void *pcm)"),
    delay: call("int snd_pcm_delay(void *pcm, _Out_ long *frames)"),
    drop: call("int snd_pcm_drop(void *pcm)"),
    prepare: call("int snd_pcm_prepare(void *pcm)"),
    close: call("int snd_pcm_close(void *pcm)"),
    strerror: alsa.func("const char *snd_strerror(int error)") as Library["strerror"],
  };
  return library;
}

/** Off the event loop: a sound server that hangs may keep such a call waiting. @throws Error in ALSA's words */
function later<Args extends readonly unknown[]>(call: Call<Args>, ...args: Args): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => {
      if (error !== null) reject(error);
      else if (result < 0) reject(new Error(loaded().strerror(result)));
      else resolve(result);
    });
  });
}

/** Interleaved 32-bit floats, converted by ALSA where the card wants others; room for a second. A card that is taken is refused at once. @throws Error */
export async function openPcm(name: string, channels: number, rate: number): Promise<Pcm> {
  const { open, setParams } = loaded();
  const handle: Pcm[] = [null];
  await later(open, handle, name, PLAYBACK, NONBLOCK);
  const [pcm] = handle;
  try {
    await later(setParams, pcm, FLOAT_LE, INTERLEAVED, channels, rate, RESAMPLE, 1_000_000);
    return pcm;
  } catch (error) {
    await closePcm(pcm);
    throw error;
  }
}

/** Writes all of it. 0, or an error of the kernel where it did not; then it wants `rearmPcm`. */
export function writePcm(pcm: Pcm, frames: Float32Array, channels: number): number {
  const count = frames.length / channels;
  const written = loaded().write(pcm, frames, count);
  return written === count ? 0 : Math.min(written, -1);
}

/** Lets what was written sound. 0, or an error of the kernel. */
export function startPcm(pcm: Pcm): number {
  return Math.min(loaded().start(pcm), 0);
}

/** Frames until one that is written now is heard, as far as ALSA knows: nobody is asked. @throws Error where nothing runs */
export function delayOf(pcm: Pcm): number {
  const frames = [0];
  const failed = loaded().delay(pcm, frames);
  if (failed < 0) throw new Error(pcmError(failed));
  return frames[0] ?? 0;
}

/** Ends what sounds and makes it ready to be started again. @throws Error where the card is gone */
export async function rearmPcm(pcm: Pcm): Promise<void> {
  const { drop, prepare } = loaded();
  await later(drop, pcm);
  await later(prepare, pcm);
}

/** Never rejects: what cannot be closed is gone. */
export function closePcm(pcm: Pcm): Promise<void> {
  return new Promise((resolve) => loaded().close.async(pcm, () => resolve()));
}

/** An error of the kernel in ALSA's words. */
export const pcmError = (error: number): string => loaded().strerror(error);
