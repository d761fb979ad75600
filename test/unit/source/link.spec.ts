/** The source's link on a broker in trouble: what a cluster does while it elects a leader. */
import { afterEach, describe, expect, it } from "vitest";
import { Link } from "../../source/link.ts";
import { RawBroker, type RawPacket } from "../../support/processes/raw-broker.ts";

let broker: RawBroker | null = null;
let link: Link | null = null;
afterEach(async () => {
  await link?.close();
  await broker?.stop();
  [broker, link] = [null, null];
});

/** Opens both; the packets that were heard, and what the link reported as fault. */
async function open(hear: (packet: RawPacket) => void) {
  const faults: unknown[] = [];
  broker = await RawBroker.start(hear);
  const stands = Promise.withResolvers<void>();
  link = new Link({
    urls: [broker.url],
    clientId: "source",
    older: true,
    receive: () => Promise.resolve(),
    connected: () => stands.resolve(),
    failed: (error) => faults.push(error),
  });
  return { link, faults, stands: stands.promise };
}

describe("the link of the source", () => {
  it("delivers in order what was handed over while it sent earlier messages again, over connections that break", async () => {
    const delivered: string[] = [];
    let handOver = (): void => undefined;
    const opened = await open((packet) => {
      const { kind, connection, topic } = packet;
      if (kind === "subscribe") packet.answer(true);
      if (kind !== "publish") return;
      if (connection === 3) {
        delivered.push(topic);
        packet.answer(true);
        return;
      }
      // The first connection breaks with `one` under way, the second while it is sent again and others wait behind it.
      if (connection === 2) handOver();
      setTimeout(packet.drop, 50);
    });
    await opened.stands;
    const hand = (topic: string) => opened.link.publish(topic, Buffer.from(topic), { retain: false });
    const sent: Promise<void>[] = [hand("one")];
    handOver = () => sent.push(hand("two"), hand("three"));
    await sent[0];
    await Promise.all(sent);
    expect(sent.length).toBe(3);
    expect(delivered).toEqual(["one", "two", "three"]);
    expect(opened.faults).toEqual([]);
  });

  it("asks again for a subscription that is refused, on the same connection, and says why meanwhile", async () => {
    const asked: number[] = [];
    const opened = await open((packet) => {
      if (packet.kind !== "subscribe") return;
      asked.push(packet.connection);
      packet.answer(asked.length === 3);
    });
    await opened.stands;
    expect(asked).toEqual([1, 1, 1]);
    expect(opened.link.isReady()).toBe(true);
    expect(opened.link.lastError?.message).toMatch(/subscribe/i);
    expect(opened.faults).toEqual([]);
  });
});
