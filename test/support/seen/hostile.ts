/** Contents as somebody would make them who got a signing key, or broke the camera of the one who has it: nothing of them may run or reach out. */
import { crc32, deflateSync } from "node:zlib";
import { testCard } from "./cards.ts";

/** Where what escapes would be seen: a canary of the page, and one of the network. */
export interface Canary {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
}

export interface HostileFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly type: "image/png" | "image/jpeg" | "video/mp4";
}

const ZALGO = Array.from({ length: 40 }, (_, n) => String.fromCodePoint(0x300 + n)).join("");
const BIDI = "\u202e\u2066\u2067\u202d\u200f";

/** Texts; `n` chooses one and changes it. */
export function hostileText(n: number, { url }: Canary): string {
  const ran = "window.__ran=1";
  const out = `fetch('${url}/text-${n}')`;
  const kinds = [
    `<script>${ran};${out}</script>`,
    `<img src="${url}/img-${n}" onerror="${ran}">`,
    `"><svg onload="${ran};${out}"><animate onbegin="${ran}"/></svg>`,
    `<iframe srcdoc="<script>parent.__ran=1</script>" src="${url}/frame-${n}"></iframe>`,
    `<style>@import url(${url}/css-${n}); body { background: url(${url}/bg-${n}) }</style>`,
    `javascript:${ran}//${out}`,
    `\${${ran}} {{constructor.constructor('${ran}')()}} <%= ${ran} %>`,
    `</div></body></html><script src="${url}/src-${n}"></script>`,
    `<link rel="prefetch" href="${url}/prefetch-${n}"><meta http-equiv="refresh" content="0;url=${url}/meta-${n}">`,
    `<object data="${url}/object-${n}"></object><embed src="${url}/embed-${n}"><video src="${url}/video-${n}" autoplay>`,
    `${BIDI}Sơ tán ngay${BIDI}${BIDI}gnuđ gnôhk`,
    `K${ZALGO}h${ZALGO}ẩ${ZALGO}n ${ZALGO.repeat(5)}`,
    `${"W".repeat(3_990)}${n}`,
    `${"👩‍👩‍👧‍👦".repeat(150)}${n}`,
    `\n\n\n${"\n".repeat(500)}${n}`,
    `&lt;script&gt;${ran}&lt;/script&gt; &#x3c;script&#x3e;${ran}&#x3c;/script&#x3e; \u003cscript\u003e`,
    "﷽".repeat(200 + (n % 50)),
    "្ក".repeat(300) + "ກ່້໊໋".repeat(50),
  ];
  const kind = kinds[n % kinds.length] ?? "";
  return `${kind}${" ".repeat(n % 3)}${n % 5 === 0 ? `#${n}` : ""}`.normalize("NFC").slice(0, 4_000);
}

/** Files that are not what they were approved as, or too much of it. */
export function hostileFile(n: number, canary: Canary): HostileFile {
  const script = `<script>window.__ran=1;fetch('${canary.url}/file-${n}')</script>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.__ran=1">${script}<image href="${canary.url}/svg-${n}"/></svg>`;
  const whole = testCard(64 + (n % 7), 48);
  const salt = Buffer.from(` ${n}`);
  const kinds: readonly (() => Omit<HostileFile, "name">)[] = [
    () => ({ bytes: Buffer.from(svg + n), type: "image/png" }),
    () => ({ bytes: Buffer.from(`<?xml version="1.0"?>${svg}${n}`), type: "image/jpeg" }),
    () => ({ bytes: Buffer.from(`<!doctype html><html>${script}${n}</html>`), type: "video/mp4" }),
    () => ({
      bytes: Buffer.concat([Buffer.from("0000001866747970", "hex"), Buffer.from(`mp42<html>${script}${n}`)]),
      type: "video/mp4",
    }),
    () => ({ bytes: png(30_000 + n, 30_000, deflateSync(Buffer.alloc(1_000_000))), type: "image/png" }),
    () => ({ bytes: png(6_000, 6_000 - (n % 9), deflateSync(Buffer.alloc(4_000_000))), type: "image/png" }),
    () => ({ bytes: png(0x7fffffff, n + 1, Buffer.alloc(10)), type: "image/png" }),
    () => ({ bytes: png(0, n, Buffer.alloc(10)), type: "image/png" }),
    () => ({ bytes: Buffer.concat([whole.subarray(0, 40 + (n % (whole.length - 50))), salt]), type: "image/png" }),
    () => ({ bytes: changed(whole, n), type: "image/png" }),
    () => ({
      bytes: Buffer.concat([Buffer.from("ffd8ffe000104a464946000101", "hex"), Buffer.from(script + n)]),
      type: "image/jpeg",
    }),
    () => ({
      bytes: Buffer.concat([Buffer.from("ffd8ffc00011080000ffff03", "hex"), Buffer.alloc(3_000, n)]),
      type: "image/jpeg",
    }),
    () => ({ bytes: Buffer.concat([whole, Buffer.from(script + n)]), type: "image/png" }),
    () => ({
      bytes: Buffer.concat([Buffer.from("GIF89a/*"), Buffer.from(`*/=1;window.__ran=1;//${n}`)]),
      type: "image/png",
    }),
    () => ({ bytes: Buffer.from(`${n}`), type: n % 2 === 0 ? "image/jpeg" : "video/mp4" }),
    () => ({
      bytes: Buffer.concat([Buffer.from("0000001866747970", "hex"), Buffer.alloc(50_000, n)]),
      type: "video/mp4",
    }),
  ];
  const index = n % kinds.length;
  const made = kinds[index]?.() ?? { bytes: salt, type: "image/png" as const };
  return { name: `file-${index}-${n}`, ...made };
}

/** A picture of the right form whose header promises what it wants. */
function png(width: number, height: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

function changed(bytes: Buffer, seed: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let n = 0, state = seed + 1; n < 12; n++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    copy[8 + (state % (copy.length - 8))] = state >> 8;
  }
  return copy;
}
