/** Mutations that know nothing of what they change, and those of the envelope's own shape and encoding. */
import { MAX_DOCUMENT_BYTES } from "../../agent/contract/envelope.ts";
import { type Materials, type Mutation, open } from "./mutation.ts";

/** Never white space: put between two tokens it would be the same document. */
const BYTES = Array.from({ length: 256 }, (_, n) => n).filter((n) => ![9, 10, 13, 32].includes(n));
export function flip({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const at = random.int(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
  return bytes;
}

export function replaceByte({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const at = random.int(bytes.length);
  bytes[at] = ((bytes[at] ?? 0) + 1 + random.int(255)) % 256;
  return bytes;
}

export function insertByte({ random, subject: { bytes } }: Materials): Buffer {
  const at = random.int(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.pick(BYTES)]), bytes.subarray(at)]);
}

export function removeBytes({ random, subject: { bytes } }: Materials): Buffer {
  const at = random.int(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(4))]);
}

export function swap({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const [a, b] = [random.int(bytes.length), random.int(bytes.length)];
  [bytes[a], bytes[b]] = [bytes[b] ?? 0, bytes[a] ?? 0];
  return bytes;
}

export const truncate: Mutation = ({ random, subject: { bytes } }) => bytes.subarray(0, random.int(bytes.length));
export const concatenate: Mutation = ({ random, subject, other }) =>
  Buffer.concat(
    random.pick([
      [subject.bytes, other.bytes],
      [other.bytes, subject.bytes],
      [subject.bytes, subject.bytes],
    ]),
  );

/** The envelope's own shape. */
export const shape: Mutation = ({ random, subject, other }) => {
  const text = subject.bytes.toString("utf8");
  const { payload, signatures: list } = open(subject.bytes);
  const [first] = list;
  const theirs = JSON.stringify(open(other.bytes).payload);
  return Buffer.from(
    random.pick([
      text.replace('{"payload":', `{"payload":${theirs},"payload":`),
      text.replace('{"payload":', `{"p\\u0061yload":${theirs},"payload":`),
      text.replace('"signatures":', '"signatures":[],"signatures":'),
      text.replace(/\}$/, ',"header":{"kid":"x"}}'),
      text.replace(/\}$/, ',"__proto__":{}}'),
      text.replace(/\}$/, `,"x":${"[".repeat(40)}${"]".repeat(40)}}`),
      JSON.stringify({ payload, ...first }),
      JSON.stringify(`${first?.protected}.${payload}.${first?.signature}`),
      `${first?.protected}.${payload}.${first?.signature}`,
      JSON.stringify([open(subject.bytes)]),
      JSON.stringify({ payload, signatures: Array.from({ length: 17 }, () => first) }),
      JSON.stringify({ payload: [payload], signatures: list }),
      JSON.stringify({ payload, signatures: first }),
      text.replace(payload, `${payload}=`),
      text.replace(payload, `${payload.slice(0, 10)} ${payload.slice(10)}`),
      text.replace(payload, `${payload.slice(0, 10)}\\n${payload.slice(10)}`),
      `\ufeff${text}`,
      `${text}\0`,
      `${text}//`,
      `${text.slice(0, -1)},}`,
      `)]}'\n${text}`,
      text + " ".repeat(MAX_DOCUMENT_BYTES),
      text.replaceAll('"', "'"),
      "{}",
    ]),
  );
};

export const encoding: Mutation = ({ random, subject: { bytes } }) =>
  random.pick([
    Buffer.from(bytes.toString("utf8"), "utf16le"),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString("utf8"), "utf16le")]),
    Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xc0, 0xaf]), bytes.subarray(20)]),
    Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(20)]),
    Buffer.from(bytes.toString("base64")),
    Buffer.alloc(0),
  ]);
