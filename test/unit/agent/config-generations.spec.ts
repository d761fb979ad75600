import { describe, expect, it } from "vitest";
import {
  type BootTime,
  type ConfigState,
  confirm,
  digestOf,
  inForce,
  type Layer,
  LOCAL,
  NO_CONFIG,
  overdue,
  propose,
  revert,
  rollback,
  started,
  wanted,
} from "../../../agent/config/generations.ts";
import type { Sha256 } from "../../../playback/model/units.ts";

const layer = (name: string, address = "all", seq = 1): Layer => ({
  address,
  seq,
  sha256: Buffer.from(name).toString("hex").padEnd(64, "0") as Sha256,
  bytes: "",
});
const at = (boottimeMs: number, bootId = "boot-1"): BootTime => ({ bootId, boottimeMs });
const GOOD = layer("good");
const BAD = layer("bad", "all", 2);
const confirmed: ConfigState = confirm(propose(NO_CONFIG, [GOOD], at(0), 1_000));
const pending = propose(confirmed, [BAD], at(5_000), 1_000);

describe("a configuration generation", () => {
  it("is in force while it is pending, and stays when it is confirmed", () => {
    expect(inForce(pending)).toEqual([BAD]);
    expect(inForce(confirm(pending))).toEqual([BAD]);
    expect(confirm(pending).previous).toEqual([GOOD]);
  });

  it("is taken back at its deadline, not a millisecond before", () => {
    expect(overdue(pending, at(5_999))).toBeNull();
    expect(overdue(pending, at(6_000))).toContain("no signed message");
    expect(inForce(revert(pending))).toEqual([GOOD]);
  });

  it("is taken back at the first boot that finds it pending, however short the boot clock says it stood", () => {
    expect(overdue(pending, at(10, "boot-2"))).toContain("booted");
  });

  it("is taken back when the agent has ended under it more than three times", () => {
    let state = pending;
    for (let n = 0; n < 3; n++) state = started(state);
    expect(overdue(state, at(5_100))).toBeNull();
    expect(overdue(started(state), at(5_100))).toContain("4 times");
  });

  it("is not wanted again once it has failed, until another document comes", () => {
    const failed = revert(pending);
    expect(wanted(failed, [BAD])).toEqual([GOOD]);
    const newer = layer("newer", "all", 3);
    expect(wanted(failed, [newer])).toEqual([newer]);
  });

  it("has one name in whatever order its layers come", () => {
    const commune = layer("c", "commune/00004");
    expect(digestOf([GOOD, commune])).toBe(digestOf([commune, GOOD]));
    expect(digestOf([GOOD])).not.toBe(digestOf([commune]));
    expect(digestOf([])).toBeNull();
  });

  it("keeps a technician's layer when the province sends another document", () => {
    const own = layer("own", LOCAL);
    const state = confirm(propose(confirmed, [GOOD, own], at(0), 1_000));
    expect(wanted(state, [BAD])).toEqual([BAD, own]);
  });

  it("may be exchanged for the one before it, which is then on trial itself", () => {
    const later = confirm(pending);
    const back = rollback(later, at(9_000), 1_000);
    expect(back && inForce(back)).toEqual([GOOD]);
    expect(back?.pending?.deadline).toBe(10_000);
    expect(back?.failed).toContain(BAD.sha256);
    expect(rollback(NO_CONFIG, at(0), 1_000)).toBeNull();
  });

  it("is simply given up by a rollback while it is pending", () => {
    const back = rollback(pending, at(5_100), 1_000);
    expect(back?.pending).toBeNull();
    expect(back && inForce(back)).toEqual([GOOD]);
  });

  it("needs no trial to become what is confirmed already", () => {
    expect(propose(pending, [GOOD], at(5_500), 1_000).pending).toBeNull();
    expect(propose(confirmed, [GOOD], at(5_500), 1_000)).toBe(confirmed);
  });
});
