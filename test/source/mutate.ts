/**
 * Genuine documents, changed in every way that somebody between source and station could think of who holds no key; and, in `resigned`, in ways
 * that somebody with a true key could use to make two readers read two documents. None may be adopted. Ways to write the very same document
 * otherwise stand in `respell`: of those none may say anything else.
 */
import {
  concatenate,
  encoding,
  flip,
  insertByte,
  removeBytes,
  replaceByte,
  shape,
  swap,
  truncate,
} from "./mutate-bytes.ts";
import { otherPayload, resigned } from "./mutate-claims.ts";
import {
  byStranger,
  emptied,
  header,
  headerSigned,
  ofAnother,
  renamed,
  repeat,
  spelled,
  strip,
} from "./mutate-signatures.ts";
import { type Materials, type Mutation, open } from "./mutation.ts";

/** Name → mutation; the name is what a failure is reported by. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip,
  "replace a byte": replaceByte,
  "insert a byte": insertByte,
  "remove bytes": removeBytes,
  "swap bytes": swap,
  truncate,
  concatenate,
  "strip a signature": strip,
  "repeat a signature": repeat,
  "signature of another document": ofAnother,
  "signature emptied": emptied,
  "signature spelled otherwise": spelled,
  "signature by a stranger": byStranger,
  "key under another name": renamed,
  header,
  "header signed by a stranger": headerSigned("stranger"),
  "header signed by its owner": headerSigned("owner"),
  payload: otherPayload,
  "payload signed again": resigned,
  shape,
  encoding,
};

/** The same document, written otherwise: white space, order of members, order of signatures, escapes. */
export function respell({ random, subject }: Materials): Buffer {
  const text = subject.bytes.toString("utf8");
  const { payload, signatures: list } = open(subject.bytes);
  return Buffer.from(
    random.pick([
      ` ${text}`,
      `${text}\n`,
      JSON.stringify(open(subject.bytes), null, 2),
      JSON.stringify({ signatures: list, payload }),
      JSON.stringify({ payload, signatures: [...list].reverse() }),
      JSON.stringify({
        payload,
        signatures: list.map(({ protected: first, signature }) => ({ signature, protected: first })),
      }),
      text.replace('"payload"', '"p\\u0061yload"'),
    ]),
  );
}
