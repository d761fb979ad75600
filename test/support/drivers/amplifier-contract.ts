/**
 * What every amplifier driver promises, whatever it drives. Each case gets a bench: hardware, or what stands for it, whose truth can be
 * looked at past the driver and which can be made to misbehave. Plain assertions, so that a case also runs outside the test runner.
 */
import assert from "node:assert/strict";
import { StationError } from "../../../playback/model/station-error.ts";
import { type Amplifier, type AmplifierLines, SAFE_LINES } from "../../../playback/ports/amplifier.ts";

/** `energised`: found switched on and unmuted, as after a crash. The others are set in the middle of a case, `well` ends them. */
export type Trouble = "absent" | "energised" | "slow" | "hanging" | "stuck" | "lying" | "unplugged" | "well";

export interface Bench {
  /** A new driver for the same hardware. */
  amplifier(): Amplifier;
  /** Where the lines really are, looked at past the driver; `null` where there are none. */
  truth(): Promise<AmplifierLines | null>;
  cause(trouble: Trouble): Promise<void>;
}

export interface ContractCase {
  readonly name: string;
  /** A bench that cannot misbehave like this does not run the case. */
  readonly needs: readonly Trouble[];
  run(bench: Bench): Promise<void>;
}

const ON: AmplifierLines = { power: true, muted: false };

async function assertTruth(bench: Bench, expected: AmplifierLines): Promise<void> {
  const truth = await bench.truth();
  if (truth !== null) assert.deepEqual(truth, expected);
}

async function assertFault(work: Promise<unknown>, ...codes: string[]): Promise<void> {
  const error = await work.then(
    () => assert.fail(`resolved instead of failing with ${codes.join(" or ")}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StationError, `not a StationError: ${String(error)}`);
  assert.ok(codes.includes(error.code), `${error.code} instead of ${codes.join(" or ")}: ${error.message}`);
}

async function opened(bench: Bench): Promise<Amplifier> {
  const amplifier = bench.amplifier();
  await amplifier.open();
  return amplifier;
}

export const AMPLIFIER_CONTRACT: readonly ContractCase[] = [
  {
    name: "writes the safe level first, also where it finds the amplifier running",
    needs: ["energised"],
    async run(bench) {
      await bench.cause("energised");
      await assertTruth(bench, ON);
      const amplifier = await opened(bench);
      await assertTruth(bench, SAFE_LINES);
      assert.deepEqual((await amplifier.read()).driven, SAFE_LINES);
      await amplifier.close();
    },
  },
  {
    name: "drives all four combinations of its lines and reads them back",
    needs: [],
    async run(bench) {
      const amplifier = await opened(bench);
      for (const power of [true, false]) {
        for (const muted of [true, false]) {
          await amplifier.drive({ power, muted });
          await assertTruth(bench, { power, muted });
          const { commanded, driven } = await amplifier.read();
          assert.deepEqual(
            [commanded, driven],
            [
              { power, muted },
              { power, muted },
            ],
          );
        }
      }
      await amplifier.close();
    },
  },
  {
    name: "makes safe from every state, and again when it is safe",
    needs: [],
    async run(bench) {
      const amplifier = await opened(bench);
      await amplifier.drive(ON);
      for (let round = 0; round < 3; round++) {
        assert.equal(await amplifier.makeSafe(), true);
        await assertTruth(bench, SAFE_LINES);
        assert.deepEqual((await amplifier.read()).commanded, SAFE_LINES);
      }
      await amplifier.drive(ON);
      await assertTruth(bench, ON);
      await amplifier.makeSafe();
      await amplifier.close();
    },
  },
  {
    name: "lets the last order win when several are given at once",
    needs: [],
    async run(bench) {
      const amplifier = await opened(bench);
      await Promise.all([amplifier.drive(ON), amplifier.drive({ power: true, muted: true }), amplifier.makeSafe()]);
      await assertTruth(bench, SAFE_LINES);
      await amplifier.close();
    },
  },
  {
    name: "is unreachable before it was opened and after it was closed, and closing changes no line",
    needs: [],
    async run(bench) {
      const amplifier = bench.amplifier();
      await assertFault(amplifier.drive(ON), "amplifier-unreachable");
      await assertFault(amplifier.read(), "amplifier-unreachable");
      await amplifier.open();
      await amplifier.drive(ON);
      await amplifier.close();
      await amplifier.close();
      await assertTruth(bench, ON);
      await assertFault(amplifier.drive(SAFE_LINES), "amplifier-unreachable");
      await amplifier.open();
      assert.deepEqual((await amplifier.read()).driven, SAFE_LINES);
      await amplifier.close();
    },
  },
  {
    name: "says so when there is no hardware, and opens once there is",
    needs: ["absent"],
    async run(bench) {
      await bench.cause("absent");
      const amplifier = bench.amplifier();
      await assertFault(amplifier.open(), "amplifier-unreachable", "gpio-unavailable");
      assert.equal(await amplifier.makeSafe(), false);
      await bench.cause("well");
      await amplifier.open();
      await assertTruth(bench, SAFE_LINES);
      await amplifier.close();
    },
  },
  {
    name: "waits for a slow amplifier",
    needs: ["slow"],
    async run(bench) {
      const amplifier = await opened(bench);
      await bench.cause("slow");
      await amplifier.drive(ON);
      await assertTruth(bench, ON);
      assert.equal(await amplifier.makeSafe(), true);
      await amplifier.close();
    },
  },
  {
    name: "gives up on one that hangs within 1.5 s, and what it then was asked never happens later",
    needs: ["hanging"],
    async run(bench) {
      const amplifier = await opened(bench);
      await bench.cause("hanging");
      const start = performance.now();
      await assertFault(amplifier.drive(ON), "amplifier-unreachable");
      assert.ok(performance.now() - start < 1_500, `took ${performance.now() - start} ms`);
      await bench.cause("well");
      assert.equal(await amplifier.makeSafe(), true);
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await assertTruth(bench, SAFE_LINES);
      await amplifier.close();
    },
  },
  {
    name: "rejects as disobedient when the power line does not move",
    needs: ["stuck"],
    async run(bench) {
      await bench.cause("stuck");
      const amplifier = await opened(bench);
      await assertFault(amplifier.drive(ON), "amplifier-disobeys");
      assert.equal((await amplifier.read()).driven.power, false);
      await amplifier.close();
    },
  },
  {
    name: "does not believe an amplifier that says done and did nothing",
    needs: ["lying"],
    async run(bench) {
      const amplifier = await opened(bench);
      await bench.cause("lying");
      await assertFault(amplifier.drive(ON), "amplifier-disobeys");
      await bench.cause("well");
      await amplifier.drive(ON);
      await bench.cause("lying");
      assert.equal(await amplifier.makeSafe(), false);
      await bench.cause("well");
      assert.equal(await amplifier.makeSafe(), true);
      await amplifier.close();
    },
  },
  {
    name: "is unreachable when unplugged while it is on, never throws from makeSafe, and works again",
    needs: ["unplugged"],
    async run(bench) {
      const amplifier = await opened(bench);
      await amplifier.drive(ON);
      await bench.cause("unplugged");
      await assertFault(amplifier.drive({ power: true, muted: true }), "amplifier-unreachable");
      await assertFault(amplifier.read(), "amplifier-unreachable");
      assert.equal(await amplifier.makeSafe(), false);
      await bench.cause("well");
      await amplifier.open();
      await assertTruth(bench, SAFE_LINES);
      await amplifier.close();
    },
  },
];

/** The cases that a bench with these troubles can run. */
export function contractFor(troubles: readonly Trouble[]): readonly ContractCase[] {
  return AMPLIFIER_CONTRACT.filter((each) => each.needs.every((need) => troubles.includes(need)));
}
