/** All checks of `loa doctor`, in the order in which somebody at a pole mends: what the station is, what it stands on, what it plays with. */
import type { Concern, ConcernCode } from "../health/concerns.ts";
import type { AgentWord, DoctorCheck, Verdict } from "./check.ts";
import { agent } from "./checks/agent.ts";
import { controllers, horns, schedule, settings } from "./checks/agent-only.ts";
import { certificate } from "./checks/certificate.ts";
import { clock } from "./checks/clock.ts";
import { config } from "./checks/config.ts";
import { database } from "./checks/database.ts";
import { faces } from "./checks/faces.ts";
import { gpio } from "./checks/gpio.ts";
import { inputs } from "./checks/inputs.ts";
import { load } from "./checks/load.ts";
import { mount } from "./checks/mount.ts";
import { network } from "./checks/network.ts";
import { power } from "./checks/power.ts";
import { programs } from "./checks/programs.ts";
import { root } from "./checks/root.ts";
import { socket } from "./checks/socket.ts";
import { sound } from "./checks/sound.ts";
import { space } from "./checks/space.ts";
import { starts } from "./checks/starts.ts";
import { state } from "./checks/state.ts";
import { wear } from "./checks/wear.ts";
import type { Machine } from "./machine.ts";
import { readStation } from "./read-station.ts";

export const CHECKS: readonly DoctorCheck[] = [
  ...[config, root, programs, agent, starts, socket],
  ...[state, mount, space, wear, database],
  ...[clock, network, certificate, schedule, settings],
  ...[power, load, sound, gpio, inputs, horns],
  ...[faces, controllers],
];

/** The check that a concern belongs to. @throws Error where there is none, which a test excludes */
export function checkOf(code: ConcernCode): DoctorCheck {
  const found = CHECKS.find(({ codes }) => codes.includes(code));
  if (found === undefined) throw new Error(`no check looks after ${code}`);
  return found;
}

/** One check with what it found and what the agent is concerned about in its field. */
export interface CheckResult {
  readonly check: DoctorCheck;
  readonly verdict: Verdict;
  readonly concerns: readonly Raised[];
}

/** What counts of a concern here; over the socket its instant is a text. */
export type Raised = Pick<Concern, "code" | "severity" | "detail">;

export const isBad = ({ verdict, concerns }: CheckResult) => verdict.state === "bad" || concerns.length > 0;

export interface Question {
  readonly machine: Machine;
  readonly config: string;
  /** What the agent answers, with its concerns; `null` where none does. */
  readonly agent: (AgentWord & { readonly concerns: readonly Raised[] }) | null;
  /** Only these checks; all where not given. */
  readonly only?: readonly string[];
}

/** Makes the checks, several at a time; each finds its own way out of what it cannot read. */
export async function runChecks({ machine, config: name, agent: word, only }: Question): Promise<CheckResult[]> {
  const file = await readStation(name);
  const wanted = CHECKS.filter((check) => only?.includes(check.name) ?? true);
  return Promise.all(
    wanted.map(async (check) => ({
      check,
      verdict: await check.run({ machine, config: name, file, agent: word }),
      concerns: (word?.concerns ?? []).filter(({ code }) => check.codes.includes(code)),
    })),
  );
}
