/** 16-bit mono WAV, as far as recordings need it. */

/** The bytes of a WAV file; samples beyond ±1 are clipped. */
export function encodeWav(samples: Float32Array, rate: number): Buffer {
  const bytes = Buffer.alloc(44 + samples.length * 2);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(36 + samples.length * 2, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(samples.length * 2, 40);
  for (let at = 0; at < samples.length; at++) {
    const value = Math.max(-1, Math.min(1, samples[at] ?? 0));
    bytes.writeInt16LE(Math.round(value * 32_767), 44 + at * 2);
  }
  return bytes;
}

/** Reads a WAV file of 16-bit mono samples. @throws Error for anything else. */
export function decodeWav(bytes: Buffer): { readonly samples: Float32Array; readonly rate: number } {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE")
    throw new Error("not a WAV file");
  let rate = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (name === "fmt ") {
      const format = [body.readUInt16LE(0), body.readUInt16LE(2), body.readUInt16LE(14)];
      if (format.join() !== "1,1,16") throw new Error(`not 16-bit mono PCM: ${format.join()}`);
      rate = body.readUInt32LE(4);
    }
    if (name === "data") {
      if (rate === 0) throw new Error("WAV data before its format");
      const samples = new Float32Array(body.length >> 1);
      for (let i = 0; i < samples.length; i++) samples[i] = body.readInt16LE(i * 2) / 32_767;
      return { samples, rate };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error("WAV file without data");
}
