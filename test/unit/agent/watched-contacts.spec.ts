/** Contacts that watch over the place: door, isolator, mains; what they say to whom, and what is written down of them. */
import { describe, expect, it } from "vitest";
import { type ContactMoved, ContactWatch, type WatchedContact } from "../../../agent/contacts/contact-watch.ts";
import { type ContactView, isIsolated, mainsByContact, openOf } from "../../../agent/contacts/purposes.ts";
import { ofContacts, ofSupply } from "../../../agent/health/observe.ts";
import { PowerWatch } from "../../../agent/power-watch.ts";
import type { Trouble } from "../../../agent/station.ts";
import type { HostReport } from "../../../drivers/host/host-facts.ts";
import { SimulatedPowerSupply } from "../../../drivers/sensor/simulated-power-supply.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { HOUR, MINUTE, SECOND } from "../../../playback/model/units.ts";
import type { Contact } from "../../../playback/ports/contact.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const START = Date.parse("2026-11-22T05:00:00Z");

class HeldContact implements Contact {
  readonly name: string;
  /** `null`: it cannot be read. */
  closed: boolean | null = true;
  constructor(name: string) {
    this.name = name;
  }
  async open(): Promise<void> {
    await this.read();
  }
  async read(): Promise<boolean> {
    if (this.closed === null) throw new StationError("contact-unreachable", `${this.name}: a wire came off`);
    return this.closed;
  }
  async close(): Promise<void> {}
}

function watched(does: WatchedContact["does"], more: Partial<WatchedContact> = {}) {
  const clock = new VirtualClock(START);
  const contact = new HeldContact("cua-tu");
  const told: ContactMoved[] = [];
  const faults: unknown[] = [];
  const disk = { full: false };
  const watch = new ContactWatch([{ contact, does, steadyMs: 300, ...more }], {
    clock,
    act: () => Promise.reject(new Error("no hand closed it")),
    tell: async (moved) => {
      if (disk.full) throw new StationError("storage-failed", "no space");
      told.push(moved);
    },
    onFault: (error) => void faults.push(error),
  });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(SECOND);
    await running;
  };
  return { clock, contact, told, faults, disk, watch, end };
}

describe("a watched contact", () => {
  it("says nothing while it is closed, from the start on", async () => {
    const { clock, told, watch, faults, end } = watched("door");
    await clock.advance(10 * MINUTE);
    expect([told, faults, watch.problems]).toEqual([[], [], []]);
    expect(watch.contacts).toEqual([{ name: "cua-tu", does: "door", output: undefined, closed: true, readable: true }]);
    await end();
  });

  it("is written down when it opens and when it closes, with since when", async () => {
    const { clock, contact, told, watch, end } = watched("isolator", { output: "yard" });
    await clock.advance(5 * MINUTE);
    contact.closed = false;
    await clock.advance(SECOND);
    expect(told).toEqual([
      {
        ...{ does: "isolator", contact: "cua-tu", output: "yard", state: "open", moves: 1 },
        since: expect.stringMatching(/^2026-11-22T05:05:00\.[01]/),
      },
    ]);
    expect(watch.contacts[0]?.closed).toBe(false);
    await clock.advance(5 * MINUTE);
    contact.closed = true;
    await clock.advance(SECOND);
    expect(told[1]).toMatchObject({ state: "closed", moves: 1, since: expect.stringMatching(/T05:10:01/) });
    await end();
  });

  it("is written down where it is open at the start", async () => {
    const { clock, contact, told, end } = watched("door");
    contact.closed = false;
    await clock.advance(SECOND);
    expect(told).toMatchObject([{ state: "open", moves: 1 }]);
    await end();
  });

  it("that beats in the wind for an hour is written down once a minute, and as it came to rest", async () => {
    const { clock, contact, told, end } = watched("door");
    await clock.advance(SECOND);
    for (let n = 0; n < 1_800; n++) {
      contact.closed = n % 2 === 1;
      await clock.advance(2 * SECOND);
    }
    await clock.advance(2 * MINUTE);
    expect(told.length).toBeGreaterThanOrEqual(58);
    expect(told.length).toBeLessThanOrEqual(62);
    expect(told.at(-1)).toMatchObject({ state: "closed" });
    expect(told.reduce((sum, { moves }) => sum + moves, 0)).toBe(1_800);
    await end();
  });

  it("is written down later where the disk takes nothing now", async () => {
    const { clock, contact, told, faults, disk, end } = watched("door");
    await clock.advance(SECOND);
    disk.full = true;
    contact.closed = false;
    await clock.advance(MINUTE / 2);
    expect([told.length, faults.length]).toEqual([0, 1]);
    disk.full = false;
    await clock.advance(MINUTE);
    expect(told).toMatchObject([{ state: "open", moves: 1 }]);
    await end();
  });

  it("that cannot be read is a fault, counts as it did, and is no word for the mains", async () => {
    const { clock, contact, watch, end } = watched("mains");
    await clock.advance(SECOND);
    expect(mainsByContact(watch.contacts)).toBe(true);
    contact.closed = null;
    await clock.advance(SECOND);
    expect(watch.problems).toEqual(["cua-tu: a wire came off"]);
    expect(watch.contacts[0]).toMatchObject({ closed: true, readable: false });
    expect(mainsByContact(watch.contacts)).toBeNull();
    contact.closed = false;
    await clock.advance(10 * SECOND);
    expect([watch.problems, mainsByContact(watch.contacts)]).toEqual([[], false]);
    await end();
  });

  it("is read as often as is said", async () => {
    const { clock, contact, told, end } = watched("door", { readEveryMs: 2_000 });
    await clock.advance(5 * SECOND);
    contact.closed = false;
    await clock.advance(SECOND);
    contact.closed = true;
    await clock.advance(10 * SECOND);
    expect(told).toEqual([]);
    await end();
  });
});

const view = (does: ContactView["does"], closed: boolean | null, more: Partial<ContactView> = {}): ContactView => ({
  ...{ name: does, does, output: undefined, closed, readable: true },
  ...more,
});

describe("an open isolator", () => {
  it("cuts off the output that it names, or all of them, also while it can no longer be read", () => {
    expect([true, null].map((closed) => isIsolated([view("isolator", closed)], "horn"))).toEqual([false, false]);
    expect(isIsolated([view("isolator", false)], "horn")).toBe(true);
    const yard = [view("isolator", false, { output: "yard", readable: false })];
    expect(["horn", "yard"].map((output) => isIsolated(yard, output))).toEqual([false, true]);
    expect(isIsolated([view("door", false), view("mains", false)], "horn")).toBe(false);
  });

  it("is a concern of its own, as an open door is; a mains contact is the battery's", () => {
    const contacts = [view("isolator", false), view("door", false, { name: "cua-tu" }), view("mains", false)];
    expect(ofContacts({ contacts: { contacts, problems: [] } })).toEqual({
      "isolator-open": "isolator",
      "cabinet-open": "cua-tu",
    });
    expect(openOf(contacts, "mains")).toEqual(["mains"]);
    const closed = contacts.map((one) => ({ ...one, closed: true }));
    expect(ofContacts({ contacts: { contacts: closed, problems: ["a wire"] } })).toEqual({ "contact-fault": "a wire" });
  });
});

describe("a contact for the mains", () => {
  const BATTERY = { capacityWh: 100, playingW: 60, idleW: 5 };
  async function modeAfter(sensor: SimulatedPowerSupply, mains: boolean | null, seconds: number) {
    const clock = new VirtualClock(START);
    const power = new PowerWatch({ sensor, battery: BATTERY, clock });
    power.hear(() => mains);
    for (let n = 0; n < seconds; n++) {
      await power.tick(30 * MINUTE);
      await clock.advance(SECOND);
    }
    return [power.state.mode, power.reading?.supply];
  }

  it("says that the station runs on its battery where no gauge does; the charge is not known, so only emergencies sound", async () => {
    const none = new SimulatedPowerSupply({ supply: "unknown", chargePercent: null });
    expect(await modeAfter(none, false, 5)).toEqual(["mains", "battery"]);
    expect(await modeAfter(none, false, 15)).toEqual(["reserve", "battery"]);
    expect(await modeAfter(none, true, 15)).toEqual(["mains", "mains"]);
    expect(await modeAfter(none, null, 15)).toEqual(["mains", "unknown"]);
  });

  it("changes nothing of what a gauge says", async () => {
    expect(await modeAfter(new SimulatedPowerSupply(), false, 15)).toEqual(["mains", "mains"]);
    const onBattery = new SimulatedPowerSupply({ supply: "battery", chargePercent: 90 });
    expect(await modeAfter(onBattery, true, 15)).toEqual(["battery", "battery"]);
  });
});

describe("a supply that sags", () => {
  const host = (underVoltage: boolean | null): HostReport => ({
    ...{ cpuCelsius: null, cpuLoad: null, memory: null, disk: null, mount: null, uptimeMs: null, network: null },
    ...{ modem: null, ownRss: 0, sensors: { readings: [], underVoltage, throttled: null } },
  });

  it("is a concern for an hour, because it sags for moments; where nothing tells it is none", async () => {
    const clock = new VirtualClock(START);
    const trouble: Trouble = {
      storage: null,
      lost: null,
      journal: null,
      pruned: null,
      refused: null,
      sagged: null,
      recording: null,
    };
    const file = { zone: "Asia/Ho_Chi_Minh" } as Parameters<typeof ofSupply>[0]["file"];
    const look = (report: HostReport | null) => ofSupply({ trouble, clock: clock as never, file }, report);
    expect([look(null), look(host(null)), look(host(false))]).toEqual([{}, {}, {}]);
    expect(look(host(true))).toEqual({ "under-voltage": "last at 12:00" });
    await clock.advance(HOUR - 1);
    expect(look(host(false))).toEqual({ "under-voltage": "last at 12:00" });
    await clock.advance(1);
    expect(look(host(false))).toEqual({});
  });
});
