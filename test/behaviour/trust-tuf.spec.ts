/**
 * The cases of the TUF conformance suite, re-expressed for this envelope and named after the case each stands for. Where the answer differs from
 * TUF's on purpose, the word "diverges" says so. Which cases have no counterpart, and why, stands in `test/unit/trust/tuf.ts`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Holder } from "../source/ceremony.ts";
import { schedule } from "../unit/trust/door.ts";
import { ELSEWHERE, NO_COUNTERPART, ROLE_ROTATIONS, ROOT_ROTATIONS, SUITE_SIZE } from "../unit/trust/tuf.ts";
import { content, openTufBench, type TufBench } from "../unit/trust/tuf-bench.ts";
import { DELEGATIONS_CASES } from "../unit/trust/tuf-delegations.ts";
import { KEYS_CASES } from "../unit/trust/tuf-keys.ts";
import { METADATA_CASES } from "../unit/trust/tuf-metadata.ts";

const CASES = { ...METADATA_CASES, ...KEYS_CASES, ...DELEGATIONS_CASES };

let bench: TufBench;
beforeEach(async () => {
  bench = await openTufBench();
});
afterEach(() => bench.door.close());

describe("the TUF conformance suite", () => {
  it(`has ${SUITE_SIZE} cases; each has a counterpart here, one elsewhere, or a reason why it has none`, () => {
    const rotations = [
      ...Object.keys(ROOT_ROTATIONS).map((name) => `test_root_rotation[${name}]`),
      ...Object.keys(ROLE_ROTATIONS).map((name) => `test_non_root_rotations[${name}]`),
    ];
    const here = [...Object.keys(CASES).map((name) => name.replace(/ \(diverges.*$/, "")), ...rotations];
    const all = [...here, ...Object.keys(ELSEWHERE), ...Object.keys(NO_COUNTERPART)];
    expect([all.length, new Set(all).size]).toEqual([SUITE_SIZE, SUITE_SIZE]);
    expect({ here: here.length, elsewhere: Object.keys(ELSEWHERE).length }).toEqual({ here: 80, elsewhere: 8 });
    for (const file of Object.values(ELSEWHERE)) {
      expect([file, existsSync(join(import.meta.dirname, "../..", file))]).toEqual([file, true]);
    }
  });

  it.each(Object.entries(CASES))("%s", async (_name, [expected, run]) => {
    expect(await run(bench)).toEqual(expected);
  });

  it.each(Object.entries(ROOT_ROTATIONS))("test_root_rotation[%s]", async (_name, { versions, holds }) => {
    const { door, bodyOf, rotate, rootVersion } = bench;
    const [first, ...later] = versions;
    if (first === undefined) throw new Error("no version to pin");
    door.pinned = { version: 1, ...bodyOf(first) };
    await door.restart();
    const outcomes: string[] = [];
    for (const [n, version] of later.entries()) outcomes.push(await rotate(version, n + 2));
    const adopted = outcomes.map((outcome) => outcome === "adopted");
    expect(adopted).toEqual(later.map((_, n) => holds || n < later.length - 1));
    const last = holds ? versions.length : versions.length - 1;
    expect(rootVersion()).toBe(last);
    await door.restart();
    expect(rootVersion()).toBe(last);
  });

  it.each(Object.entries(ROLE_ROTATIONS))("test_non_root_rotations[%s]", async (_name, version) => {
    const { door, some, trust, withKeys } = bench;
    const bodies = { content, schedule: schedule(), config: {} };
    const kinds = ["content", "schedule", "config"] as const;
    const changed = (holder: Holder) => kinds.reduce((one, kind) => withKeys(kind, version)(one), holder);
    expect(await trust(2, changed)).toBe("adopted");
    for (const kind of kinds) {
      const outcome = await door.adopt(kind, bodies[kind], { keys: some(version.sigs) });
      expect([kind, outcome === "adopted"]).toEqual([kind, version.holds]);
    }
  });
});
