/** How far the wall clock is believed, on a machine whose clocks the test moves. */
import { describe, expect, it } from "vitest";
import { type ClockMemory, type TimeSource, TrustedClock } from "../../../agent/trusted-clock.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import { DAY, HOUR, SECOND } from "../../../playback/model/units.ts";

const START = Date.parse("2026-11-20T05:00:00+07:00");

class Machine implements TimeSource {
  wall = START;
  boot = 100_000;
  boots = 1;
  synchronised = false;
  rtcTime: number | null = null;

  now = () => this.wall;
  monotonic = () => this.boot;
  boottimeMs = () => Promise.resolve(this.boot);
  bootId = () => Promise.resolve(`boot-${this.boots}`);
  quality = () =>
    Promise.resolve({ source: "chrony", synchronised: this.synchronised, offsetMs: 0.2, errorMs: 12, stratum: 3 });
  rtc = () => Promise.resolve({ present: this.rtcTime !== null, time: this.rtcTime });
  wait = () => Promise.resolve();

  pass(ms: number): void {
    this.wall += ms;
    this.boot += ms;
  }
  /** A reboot that ends with this wall clock. */
  reboot(wall: number): void {
    this.boots += 1;
    this.boot = 5_000;
    this.wall = wall;
  }
}

async function clockOn(machine: Machine, memory: { value: ClockMemory | null } = { value: null }) {
  const clock = new TrustedClock(
    machine,
    memory.value,
    (value) => {
      memory.value = value;
      return Promise.resolve();
    },
    null,
  );
  await clock.observe();
  return clock;
}

describe("the station's clock", () => {
  it("is unknown before any signed time, and attested by it", async () => {
    const machine = new Machine();
    const clock = await clockOn(machine);
    expect(clock.trust()).toBe("unknown");
    await clock.attest(START + 40, 80);
    expect([clock.trust(), clock.now()]).toEqual(["attested", START]);
  });

  it("takes signed time over a system clock that is years off", async () => {
    const machine = new Machine();
    machine.wall = Date.parse("1970-01-01T00:10:00Z");
    const clock = await clockOn(machine);
    await clock.attest(START, 200);
    expect(clock.now()).toBe(START + 100);
    machine.pass(HOUR);
    await clock.observe();
    expect([clock.trust(), clock.now()]).toEqual(["attested", START + 100 + HOUR]);
  });

  it.each([0, HOUR])(
    "is not moved by an answer that was held back, while its system's clock is %i ms off",
    async (off) => {
      const machine = new Machine();
      const clock = await clockOn(machine);
      await clock.attest(START, 0);
      machine.wall += off;
      machine.pass(SECOND);
      await clock.observe();
      // Signed when it was asked for, and eight seconds on its way back.
      machine.pass(8 * SECOND);
      await clock.attest(START + SECOND, 8 * SECOND);
      expect([clock.trust(), clock.now()]).toEqual(["attested", START + 9 * SECOND]);
      // An answer that came at once says more than one that came late.
      await clock.attest(START + 5 * SECOND, 100);
      expect(clock.now()).toBe(START + 5 * SECOND + 50);
    },
  );

  it.each([HOUR, -HOUR, DAY, 20 * 365 * DAY])("does not follow a step of %i ms after signed time", async (step) => {
    const machine = new Machine();
    const clock = await clockOn(machine);
    await clock.attest(START, 0);
    machine.wall += step;
    machine.pass(SECOND);
    await clock.observe();
    expect([clock.trust(), clock.now(), clock.correctionMs]).toEqual(["attested", START + SECOND, -step]);
  });

  it("follows a synchronised kernel within what its own quartz can have drifted, not a step beyond: NTP is not signed", async () => {
    const machine = new Machine();
    const clock = await clockOn(machine);
    await clock.attest(START, 0);
    machine.synchronised = true;
    machine.pass(10 * 24 * HOUR);
    machine.wall += 120 * SECOND;
    await clock.observe();
    expect([clock.trust(), clock.now()]).toEqual(["held", START + 10 * 24 * HOUR + 120 * SECOND]);
    machine.wall += HOUR;
    machine.pass(60 * SECOND);
    await clock.observe();
    expect([clock.trust(), clock.now()]).toEqual(["attested", START + 10 * 24 * HOUR + 60 * SECOND]);
  });

  it("keeps its attestation over a restart of the agent, not over a reboot", async () => {
    const machine = new Machine();
    const memory = { value: null };
    await (await clockOn(machine, memory)).attest(START, 0);
    machine.pass(10 * SECOND);
    expect((await clockOn(machine, memory)).trust()).toBe("attested");
    machine.reboot(START + HOUR);
    expect((await clockOn(machine, memory)).trust()).toBe("floor");
  });

  it("is held after a reboot by an RTC at or above the floor, not by one below", async () => {
    const machine = new Machine();
    const memory = { value: null };
    await (await clockOn(machine, memory)).attest(START, 0);
    machine.reboot(START + HOUR);
    machine.rtcTime = START + HOUR;
    expect((await clockOn(machine, memory)).trust()).toBe("held");
    machine.reboot(START - HOUR);
    machine.rtcTime = START - HOUR;
    const below = await clockOn(machine, memory);
    expect([below.trust(), below.now()]).toEqual(["floor", START]);
  });

  it("is held by a synchronised kernel, but never before the floor", async () => {
    const machine = new Machine();
    const memory = { value: null };
    machine.synchronised = true;
    expect((await clockOn(machine, memory)).trust()).toBe("held");
    await (await clockOn(machine, memory)).attest(START, 0);
    machine.reboot(START - DAY);
    expect((await clockOn(machine, memory)).trust()).toBe("floor");
  });

  it("believes signed time also on a card that takes no writes, tells of it, and writes the next answer", async () => {
    const machine = new Machine();
    const told: string[] = [];
    const written: ClockMemory[] = [];
    let full: Error | null = new StationError("storage-failed", "database or disk is full");
    const remember = (memory: ClockMemory) => {
      if (full !== null) return Promise.reject(full);
      written.push(memory);
      return Promise.resolve();
    };
    const clock = new TrustedClock(machine, null, remember, null, (what, { message }) =>
      told.push(`${what}: ${message}`),
    );
    await clock.attest(START, 0);
    expect([clock.trust(), clock.now(), told]).toEqual(["attested", START, ["clock: database or disk is full"]]);
    full = null;
    machine.pass(HOUR);
    await clock.attest(START + HOUR, 0);
    expect([written.at(-1)?.floor, told.length]).toEqual([START + HOUR, 1]);
    full = new Error("a bug");
    await expect(clock.attest(START + HOUR, 0)).rejects.toThrow("a bug");
  });

  it("never lowers its floor", async () => {
    const memory: { value: ClockMemory | null } = { value: null };
    const clock = await clockOn(new Machine(), memory);
    await clock.attest(START, 0);
    await clock.attest(START - DAY, 0);
    expect(memory.value?.floor).toBe(START);
  });

  it.each([DAY, -DAY, 20 * 365 * DAY])(
    "shows no step of the system clock (%i ms) before it was judged",
    async (step) => {
      const machine = new Machine();
      const clock = await clockOn(machine);
      await clock.attest(START, 0);
      machine.pass(300);
      machine.wall += step;
      machine.pass(200);
      // A turn of the playing loop in between still sees the right day.
      expect(clock.now()).toBe(START + 500);
      await clock.observe();
      expect([clock.trust(), clock.now()]).toEqual(["attested", START + 500]);
    },
  );
});
