/** Faces that go on for an hour, with an alert now and then: neither page nor agent grows. A campaign (`campaign:hour`). */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli } from "../support/cluster/agent-process.ts";
import { processesOf } from "../support/kiosk/browsers.ts";
import { median } from "../support/median.ts";
import { residentMb } from "../support/processes/resident.ts";
import { shows, TwoFaces } from "../support/seen/two-faces.ts";

const HOUR_MS = Number(process.env.LOA_HOUR_S ?? 0) * 1_000;
/** Caches and optimisers have had their turns by then. */
const WARM_UP_MS = HOUR_MS / 6;
const LOOK_EVERY = 10_000;
/** Looks between two alerts. */
const ALERT_EVERY = 12;
const MOST_GROWTH = 1.1;

describe.skipIf(HOUR_MS === 0)("a board of two faces for an hour", () => {
  let board: TwoFaces;
  beforeAll(async () => {
    board = await TwoFaces.open();
  }, 60_000);
  afterAll(() => board?.close());

  /** The largest of the browser's renderers holds the page. */
  async function pageMb(): Promise<number> {
    const renderers = (await processesOf(board.cluster.folder)).filter(({ command }) =>
      /--type=renderer/.test(command),
    );
    return Math.max(0, ...(await Promise.all(renderers.map(({ pid }) => residentMb(pid).catch(() => 0)))));
  }

  async function alert(identifier: string): Promise<void> {
    await board.alert(identifier);
    await board.until("the alert", shows("alert"));
    await cli(board.cluster.place, ["emergency", "stop", identifier]);
    await board.until("the layouts", shows("layout"));
  }

  it(
    "grows neither in the page nor in the agent by more than a tenth",
    async () => {
      await board.until("both faces", shows("layout"), 30_000);
      const { agent } = board.cluster;
      if (agent === null) throw new Error("no agent");
      const looks: { readonly at: number; readonly agent: number; readonly page: number }[] = [];
      const began = Date.now();
      for (let n = 1; Date.now() - began < HOUR_MS; n++) {
        await sleep(LOOK_EVERY);
        looks.push({ at: Date.now() - began, agent: await residentMb(agent.pid), page: await pageMb() });
        if (n % ALERT_EVERY === 0) await alert(`lu-${n}`);
      }
      const after = looks.filter(({ at }) => at > WARM_UP_MS);
      const tenth = Math.max(1, Math.floor(after.length / 10));
      const grown = (of: "agent" | "page") => {
        const [first = 0, last = 0] = [after.slice(0, tenth), after.slice(-tenth)].map((some) =>
          median(some.map((one) => one[of])),
        );
        return { first: Math.round(first), last: Math.round(last), by: last / first };
      };
      const told = { seconds: HOUR_MS / 1_000, agentMb: grown("agent"), pageMb: grown("page") };
      process.stdout.write(`hour: ${JSON.stringify(told)}\n`);
      expect(told.pageMb.first).toBeGreaterThan(20);
      expect(told.agentMb.by).toBeLessThanOrEqual(MOST_GROWTH);
      expect(told.pageMb.by).toBeLessThanOrEqual(MOST_GROWTH);
      await board.until("both faces still", shows("layout"));
    },
    HOUR_MS + 120_000,
  );
});
