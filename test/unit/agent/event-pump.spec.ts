import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../agent/simulate/virtual-clock.ts";
import { EventPump } from "../../../agent/uplink/event-pump.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { Outbox, OutboxEntry } from "../../../storage/outbox.ts";

/** An outbox of so many events, whose reads go as they are told to. */
function bench(issued: number) {
  const clock = new VirtualClock(0);
  const faults: unknown[] = [];
  const sent: number[] = [];
  const gaps: unknown[] = [];
  /** Reads that fail from now on, and the row that the card has spoilt. */
  const card = { fails: 0, reads: 0, spoilt: 0 };
  const read = <T>(value: T): Promise<T> => {
    card.reads += 1;
    if (card.fails === 0) return Promise.resolve(value);
    card.fails -= 1;
    return Promise.reject(new Error("the card did not answer"));
  };
  const entry = (seq: number): OutboxEntry => ({
    kind: "event",
    seq,
    class: "log",
    at: 0,
    payload: seq === card.spoilt ? "{" : "{}",
  });
  const outbox = {
    stats: () => read({ acknowledged: 0 }),
    batch: (after: number, limit: number) =>
      read(Array.from({ length: Math.min(limit, issued - after) }, (_, n) => entry(after + n + 1))),
  };
  const pump = new EventPump({
    outbox: outbox as unknown as Outbox,
    ...{ clock, station: "s", session: "s", stream: "s", resendAfterMs: MINUTE },
    publish: (message) => {
      sent.push(...message.events.map(({ seq }) => seq));
      gaps.push(...message.gaps);
      return Promise.resolve(true);
    },
    onFault: (error) => faults.push(error),
  });
  return { clock, pump, card, faults, sent, gaps };
}

describe("the event pump", () => {
  it.each(["its first read", "a later one"])(
    "tells that %s failed, and goes on over the same connection",
    async (which) => {
      const { clock, pump, card, faults, sent } = bench(25);
      if (which === "its first read") card.fails = 3;
      pump.start(0);
      if (which === "a later one") {
        // The first twenty are under way.
        while (sent.length === 0) await clock.advance(1);
        card.fails = 3;
      }
      await clock.advance(5 * SECOND);
      expect(faults).toEqual(Array(3).fill(new Error("the card did not answer")));
      expect(sent).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
      await pump.stop();
    },
  );

  it("sends a row that the card has spoilt as a gap, tells it, and sends what follows", async () => {
    const { clock, pump, card, faults, sent, gaps } = bench(3);
    card.spoilt = 2;
    pump.start(0);
    await clock.advance(SECOND);
    expect([sent, gaps]).toEqual([[1, 3], [{ from: 2, to: 2 }]]);
    expect(faults).toEqual([new Error("event 2 cannot be read any more and is sent as a gap")]);
    await pump.stop();
  });

  it("asks a card that fails once a second and no more, and ends where it is stopped", async () => {
    const { clock, pump, card } = bench(1);
    card.fails = Number.POSITIVE_INFINITY;
    pump.start(0);
    await clock.advance(10 * SECOND);
    expect(card.reads).toBe(11);
    await pump.stop();
    await clock.advance(10 * SECOND);
    expect(card.reads).toBe(11);
  });
});
