/**
 * Floods a station's inside in a process of its own, where memory is nobody else's: `node --expose-gc flood.ts COUNT`. Prints what it cost as
 * JSON.
 */
import { MAX_DOCUMENT_BYTES } from "../../../agent/contract/envelope.ts";
import { MINUTE } from "../../../playback/model/units.ts";
import { newSigningKey } from "../../source/keys.ts";
import { schedule } from "./door.ts";
import { Inside, topicOf } from "./inside.ts";

export interface FloodReport {
  /** Peak of the resident set above what it was before. */
  readonly grownMb: number;
  /** What the heap still holds of it after a collection. */
  readonly retainedMb: number;
  readonly records: number;
  readonly longestRecord: number;
  readonly repeatedGrownMb: number;
  readonly repeatedRecords: number;
  readonly effects: number;
  readonly programmes: readonly string[];
}

const WARM_UP = 200;
const MEBIBYTE = 1_048_576;
const FILLER = " ".repeat(10_000);

/** The heap without garbage, in bytes. */
function held(): number {
  if (globalThis.gc === undefined) throw new Error("start it with --expose-gc");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Peak growth of the resident set while it lasts. */
async function growth(count: number, work: (n: number) => Promise<void>): Promise<number> {
  for (let n = 0; n < WARM_UP; n++) await work(n);
  const before = process.memoryUsage.rss();
  let most = before;
  for (let n = 0; n < count; n++) {
    await work(n);
    if (n % 20 === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  return (most - before) / MEBIBYTE;
}

async function flood(count: number): Promise<FloodReport> {
  const inside = await Inside.open();
  const { door, bench } = inside;
  await inside.send(await door.letter("schedule", schedule({ id: "genuine" })));
  const forged = await door.letter("schedule", schedule({ id: "forged" }), { seq: 9, keys: [await newSigningKey()] });
  // Made beforehand, and each cut a little shorter than the last: what grows is the station's, not the flood's own making.
  const kinds = [
    `rubbish${FILLER}`,
    "[".repeat(MAX_DOCUMENT_BYTES),
    `${"[".repeat(120_000)}${"]".repeat(120_000)}${FILLER}`,
    JSON.stringify({ payload: "AA", signatures: [], ["y".repeat(200_000)]: 1 }) + FILLER,
    forged.bytes.toString("utf8") + FILLER,
    "x".repeat(MAX_DOCUMENT_BYTES + 20_000),
    JSON.stringify({ payload: "A".repeat(230_000), signatures: [{ protected: "AA", signature: "AA" }] }) + FILLER,
  ].map((text) => Buffer.from(text));
  const before = door.store.journal.head().count;
  const heldBefore = held();
  const grownMb = await growth(count, async (n) => {
    const bytes = kinds[n % kinds.length] ?? Buffer.alloc(1);
    await inside.downlink.receive(topicOf(forged), bytes.subarray(0, bytes.length - (n % 10_000)), "link");
    if (n % 100 === 0) await door.clock.advance(MINUTE);
  });
  const retainedMb = (held() - heldBefore) / MEBIBYTE;
  const middle = door.store.journal.head().count;
  const records = await door.journal(100);
  const order = await bench.letter({ name: "volume", percent: 40 });
  const repeatedGrownMb = await growth(count, () => inside.send(order));
  const report = {
    grownMb,
    retainedMb,
    records: middle - before,
    longestRecord: Math.max(...records.map(({ text }) => text.length)),
    repeatedGrownMb,
    repeatedRecords: door.store.journal.head().count - middle,
    effects: bench.effects.length,
    programmes: inside.programmes(),
  };
  await bench.close();
  return report;
}

if (import.meta.main) process.stdout.write(JSON.stringify(await flood(Number(process.argv[2] ?? 1_000))));
