/**
 * Many commands, each sent one to ten times in random order across restarts and crashes: one effect each, none after expiry, the same result
 * returned. 1,000 by default, `LOA_COMMANDS` for more, `LOA_SEED` to repeat a run.
 */
import { randomInt } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HOUR, SECOND } from "../../playback/model/units.ts";
import { randomOf } from "../source/random.ts";
import { CommandBench } from "../unit/trust/command-bench.ts";
import type { Letter } from "../unit/trust/door.ts";

const COUNT = Number(process.env.LOA_COMMANDS ?? 1_000);
const SEED = Number(process.env.LOA_SEED ?? randomInt(2 ** 31));
/** One in so many deliveries finds the agent started anew, and one in so many commands ends it half-way. */
const RESTART = 100;
const CRASH = 50;

interface Sent extends Letter {
  readonly jti: string;
  readonly exp: number;
  readonly crashes: boolean;
}

let bench: CommandBench;
beforeEach(async () => {
  bench = await CommandBench.open();
});
afterEach(() => bench.close());

/** Results by command as the journal tells them, each once. */
async function toldResults(): Promise<Map<string, Set<string>>> {
  const told = new Map<string, Set<string>>();
  for (let afterSeq = 0; ; ) {
    const records = await bench.door.store.journal.list({ afterSeq, limit: 1_000 });
    for (const { kind, body } of records) {
      if (kind !== "command-result" || body.status === "running") continue;
      const jti = String(body.jti);
      const { status, detail } = body.duplicate ? JSON.parse(String(body.result)) : body;
      told.set(jti, (told.get(jti) ?? new Set()).add(`${String(status)}: ${String(detail)}`));
    }
    const last = records.at(-1);
    if (last === undefined) return told;
    afterSeq = last.seq;
  }
}

it(`${COUNT} commands repeated up to ten times over restarts have one effect each (seed ${SEED})`, {
  timeout: 60_000 + COUNT * 60,
}, async () => {
  process.stdout.write(`commands: ${COUNT}, LOA_SEED=${SEED}\n`);
  const random = randomOf(SEED);
  const { clock } = bench.door;
  const start = clock.now();
  const sent: Sent[] = [];
  for (let n = 0; n < COUNT; n++) {
    const jti = `c-${n}`;
    const exp = start + 60 * SECOND + random.int(COUNT * 10 * SECOND);
    const letter = await bench.letter({ name: "volume", percent: n % 100 }, { jti, seq: n + 1, iat: start, exp });
    sent.push({ ...letter, jti, exp, crashes: random.int(CRASH) === 0 });
  }
  const deliveries = random.shuffle(sent.flatMap((one) => Array.from({ length: 1 + random.int(10) }, () => one)));
  const crashing = new Set(sent.filter(({ crashes }) => crashes).map(({ jti }) => jti));
  const done = new Map<string, number[]>();
  const effect = (text: string) => {
    const jti = text.split(" ").at(-1) ?? "";
    done.set(jti, [...(done.get(jti) ?? []), clock.now()]);
    if (crashing.has(jti)) throw new Error("crash");
    return 0;
  };
  bench.effects.push = (...items: string[]) => items.map(effect).length;
  const expected = new Map<string, boolean>();
  let restarts = 0;
  for (const one of deliveries) {
    await clock.advance(2 * SECOND);
    if (random.int(RESTART) === 0) {
      restarts += 1;
      await bench.restart();
    }
    expected.set(one.jti, (expected.get(one.jti) ?? false) || clock.now() < one.exp);
    try {
      const answer = await bench.take(one);
      expect(["taken", "expired"]).toContain(answer);
    } catch (error) {
      expect([one.crashes, String(error)]).toEqual([true, "Error: crash"]);
      await bench.restart();
    }
  }
  expect(restarts).toBeGreaterThan(deliveries.length / RESTART / 3);
  const twice = [...done].filter(([, times]) => times.length > 1);
  const late = sent.filter(({ jti, exp }) => (done.get(jti)?.[0] ?? 0) >= exp);
  const missed = sent.filter(({ jti }) => done.has(jti) !== expected.get(jti));
  expect({ twice, late, missed: missed.map(({ jti }) => jti) }).toEqual({ twice: [], late: [], missed: [] });
  // Some were too late, or the expiry was not tried at all.
  expect(sent.length - done.size).toBeGreaterThan(COUNT / 50);
  const told = await toldResults();
  expect([...told].filter(([, results]) => results.size > 1)).toEqual([]);
  for (const { jti, crashes } of sent.filter((one) => done.has(one.jti))) {
    const [result] = told.get(jti) ?? [];
    expect([jti, result?.split(":")[0]]).toEqual([jti, crashes ? "interrupted" : "done"]);
  }
  await clock.advance(HOUR);
});
