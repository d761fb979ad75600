/**
 * What every controller of a board promises, whatever it speaks. Each case gets a bench: a controller, or what stands for it, whose truth can be
 * looked at past the driver and which can be made to misbehave.
 */
import assert from "node:assert/strict";
import { StationError } from "../../../playback/model/station-error.ts";
import {
  DISPLAY_ASPECTS,
  type DisplayController,
  type DisplayReport,
  type DisplayWish,
} from "../../../playback/ports/display-controller.ts";

/** Set in the middle of a case; `well` ends them. `rubbish`, `endless`, `badChecksum`, `cut`, `busy`: each answer from here on. */
export type DisplayTrouble =
  | "absent"
  | "slow"
  | "silent"
  | "lying"
  | "busy"
  | "split"
  | "gathered"
  | "badChecksum"
  | "rubbish"
  | "endless"
  | "cut"
  | "hangUp"
  | "well";

export interface DisplayBench {
  /** A new driver for the same controller. */
  controller(): DisplayController;
  /** What the board really shows, looked at past the driver. */
  truth(): Promise<DisplayReport>;
  cause(trouble: DisplayTrouble): Promise<void>;
}

export interface DisplayCase {
  readonly name: string;
  readonly needs: readonly DisplayTrouble[];
  run(bench: DisplayBench): Promise<void>;
}

const ON: DisplayWish = { power: true, brightness: 60, blank: true, pattern: "red" };
const OFF: DisplayWish = { power: false, brightness: 100, blank: false, pattern: "none" };
/** A driver with a time-out of 400 ms gives up within this: a connection, a few answers. */
const PATIENCE = 2_500;

/** Of a wish what this board can be told, as it will take it. */
function forBoard(wish: DisplayWish, { can }: DisplayController): DisplayWish {
  const told = DISPLAY_ASPECTS.filter((aspect) => can.aspects.has(aspect) && wish[aspect] !== undefined);
  const known = (aspect: string, value: unknown) =>
    aspect === "pattern" && !can.patterns.includes(value as never) ? "white" : value;
  return Object.fromEntries(told.map((aspect) => [aspect, known(aspect, wish[aspect])]));
}

function taken(wish: DisplayWish, { can }: DisplayController): DisplayWish {
  return wish.brightness === undefined ? wish : { ...wish, brightness: can.brightnessTaken(wish.brightness) };
}

async function assertTruth(bench: DisplayBench, expected: DisplayWish): Promise<void> {
  const truth = await bench.truth();
  for (const aspect of DISPLAY_ASPECTS) {
    // `null`: not to be seen now, as a pattern behind black.
    if (expected[aspect] !== undefined && truth[aspect] !== null) assert.equal(truth[aspect], expected[aspect], aspect);
  }
}

async function assertFault(work: Promise<unknown>, ...codes: string[]): Promise<StationError> {
  const start = performance.now();
  const error = await work.then(
    () => assert.fail(`resolved instead of failing with ${codes.join(" or ")}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StationError, `not a StationError: ${String(error)}`);
  assert.ok(codes.includes(error.code), `${error.code} instead of ${codes.join(" or ")}: ${error.message}`);
  assert.ok(performance.now() - start < PATIENCE, `took ${performance.now() - start} ms`);
  return error;
}

/** Opened, and told `ON` where that leaves it able to hear more. */
async function opened(bench: DisplayBench): Promise<DisplayController> {
  const controller = bench.controller();
  await controller.open();
  return controller;
}

/** A trouble on the wire: what is asked fails in time, and after it all is as before. */
function survives(name: string, trouble: DisplayTrouble, ...codes: string[]): DisplayCase {
  return {
    name,
    needs: [trouble],
    async run(bench) {
      const controller = await opened(bench);
      await bench.cause(trouble);
      const error = await assertFault(controller.apply(forBoard(ON, controller)), ...codes);
      assert.ok(error.message.startsWith(`${controller.name}: `), error.message);
      assert.ok(error.message.length < 400 && /^[\x20-\x7e…]*$/.test(error.message), error.message);
      await assertFault(controller.status(), ...codes);
      await bench.cause("well");
      await controller.apply(forBoard(ON, controller));
      await assertTruth(bench, taken(forBoard(ON, controller), controller));
      await controller.close();
    },
  };
}

export const DISPLAY_CONTRACT: readonly DisplayCase[] = [
  {
    name: "does what it is told, and tells commanded, driven and reported apart",
    needs: [],
    async run(bench) {
      const controller = await opened(bench);
      for (const wish of [ON, OFF, ON]) {
        const asked = forBoard(wish, controller);
        await controller.apply(asked);
        // What is dark was told nothing else.
        const effective = asked.power === false ? { power: false } : asked;
        await assertTruth(bench, taken(effective, controller));
        const { commanded, driven, reported } = await controller.status();
        assert.deepEqual(commanded, asked);
        for (const aspect of DISPLAY_ASPECTS) {
          if (effective[aspect] === undefined) continue;
          assert.equal(driven[aspect], effective[aspect], `driven ${aspect}`);
          if (reported[aspect] !== null)
            assert.equal(reported[aspect], taken(effective, controller)[aspect], `reported ${aspect}`);
        }
      }
      await controller.close();
    },
  },
  {
    name: "takes every brightness that it has, and 1 % is not dark",
    needs: [],
    async run(bench) {
      const controller = await opened(bench);
      if (!controller.can.aspects.has("brightness")) return controller.close();
      await controller.apply(forBoard({ power: true }, controller));
      for (const brightness of [0, 1, 37, 50, 99, 100]) {
        await controller.apply({ brightness });
        await assertTruth(bench, { brightness: controller.can.brightnessTaken(brightness) });
        assert.equal((await bench.truth()).brightness === 0, brightness === 0);
      }
      await controller.close();
    },
  },
  {
    name: "refuses what it has not, by name, and touches nothing",
    needs: [],
    async run(bench) {
      const controller = await opened(bench);
      await controller.apply(forBoard(ON, controller));
      const before = await bench.truth();
      for (const aspect of DISPLAY_ASPECTS) {
        if (controller.can.aspects.has(aspect)) continue;
        const error = await assertFault(
          controller.apply({ ...forBoard(OFF, controller), [aspect]: ON[aspect] }),
          "display-disobeys",
        );
        assert.match(error.message, new RegExp(aspect));
      }
      assert.deepEqual(await bench.truth(), before);
      await controller.close();
    },
  },
  {
    name: "does things one after the other: the last of several given at once wins",
    needs: [],
    async run(bench) {
      const controller = await opened(bench);
      const [on, off] = [forBoard(ON, controller), forBoard({ ...OFF, power: true }, controller)];
      await controller.apply(on);
      await Promise.all([controller.apply(off), controller.status(), controller.apply(on), controller.apply(off)]);
      await assertTruth(bench, taken(off, controller));
      await controller.close();
    },
  },
  {
    name: "is unreachable before it was opened and after it was closed, and closing changes nothing",
    needs: [],
    async run(bench) {
      const controller = bench.controller();
      await assertFault(controller.apply(forBoard(ON, controller)), "display-unreachable");
      await assertFault(controller.status(), "display-unreachable");
      await controller.open();
      await controller.apply(forBoard(ON, controller));
      await controller.close();
      await controller.close();
      await assertTruth(bench, taken(forBoard(ON, controller), controller));
      await assertFault(controller.status(), "display-unreachable");
    },
  },
  {
    name: "says so when nobody is there, and opens once somebody is",
    needs: ["absent"],
    async run(bench) {
      await bench.cause("absent");
      const controller = bench.controller();
      await assertFault(controller.open(), "display-unreachable");
      await bench.cause("well");
      await controller.open();
      await controller.apply(forBoard(ON, controller));
      await assertTruth(bench, taken(forBoard(ON, controller), controller));
      await controller.close();
    },
  },
  {
    name: "connects again by itself after the controller hung up in a silence",
    needs: ["hangUp"],
    async run(bench) {
      const controller = await opened(bench);
      await controller.apply(forBoard(ON, controller));
      await bench.cause("hangUp");
      await new Promise((resolve) => setTimeout(resolve, 50));
      await controller.apply(forBoard({ ...OFF, power: true }, controller));
      await assertTruth(bench, taken(forBoard({ ...OFF, power: true }, controller), controller));
      await controller.close();
    },
  },
  {
    name: "is unreachable when it goes away, forgets what it drove, and works again when it is back",
    needs: ["absent"],
    async run(bench) {
      const controller = await opened(bench);
      await controller.apply(forBoard(ON, controller));
      await bench.cause("absent");
      await assertFault(controller.status(), "display-unreachable");
      await bench.cause("well");
      assert.deepEqual((await controller.status()).commanded, forBoard(ON, controller));
      // A relay that is held again has been driven off; nobody goes on as if nothing had been.
      const asked = forBoard(ON, controller);
      const { driven } = await controller.status();
      for (const aspect of DISPLAY_ASPECTS) {
        if (asked[aspect] !== undefined) assert.notEqual(driven[aspect], asked[aspect], aspect);
      }
      await controller.apply(forBoard(ON, controller));
      await controller.close();
    },
  },
  ...(["slow", "split", "gathered"] as const).map(
    (trouble): DisplayCase => ({
      name: `understands answers that come ${trouble === "slow" ? "late, but in time" : trouble === "split" ? "byte by byte" : "several in one piece"}`,
      needs: [trouble],
      async run(bench) {
        await bench.cause(trouble);
        const controller = await opened(bench);
        for (const wish of [ON, { ...OFF, power: true }]) {
          await controller.apply(forBoard(wish, controller));
          await assertTruth(bench, taken(forBoard(wish, controller), controller));
          assert.deepEqual((await controller.status()).commanded, forBoard(wish, controller));
        }
        await controller.close();
      },
    }),
  ),
  {
    name: "does not believe a controller that says done and did nothing, where it can be asked",
    needs: ["lying"],
    async run(bench) {
      const controller = await opened(bench);
      await controller.apply(forBoard({ ...OFF, power: true }, controller));
      const { reported } = await controller.status();
      await bench.cause("lying");
      for (const [aspect, value] of Object.entries(
        forBoard({ brightness: 60, blank: true, pattern: "red" }, controller),
      )) {
        const said = reported[aspect as keyof DisplayReport] !== null;
        const work = controller.apply({ [aspect]: value });
        if (said) await assertFault(work, "display-disobeys");
        else await work;
      }
      await bench.cause("well");
      await controller.apply(forBoard(ON, controller));
      await assertTruth(bench, taken(forBoard(ON, controller), controller));
      await controller.close();
    },
  },
  survives("gives up on one that answers nothing, in time", "silent", "display-unreachable"),
  survives("gives up on one that is busy, in time", "busy", "display-unreachable", "display-disobeys"),
  survives("believes no answer with a wrong checksum", "badChecksum", "display-unreachable", "display-disobeys"),
  survives("believes no rubbish", "rubbish", "display-unreachable", "display-disobeys"),
  survives("is not held up by rubbish without end", "endless", "display-unreachable", "display-disobeys"),
  survives("survives half of an answer and the end of the connection", "cut", "display-unreachable"),
  {
    name: "ends what is under way when it is closed",
    needs: ["silent"],
    async run(bench) {
      const controller = await opened(bench);
      await bench.cause("silent");
      const work = Promise.allSettled([controller.status(), controller.status()]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await controller.close();
      const start = performance.now();
      for (const result of await work) assert.equal(result.status, "rejected");
      assert.ok(performance.now() - start < 200, `took ${performance.now() - start} ms`);
    },
  },
];

/** The cases that a bench with these troubles can run. */
export function displayContractFor(troubles: readonly DisplayTrouble[]): readonly DisplayCase[] {
  return DISPLAY_CONTRACT.filter((each) => each.needs.every((need) => troubles.includes(need)));
}
