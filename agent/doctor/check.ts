/**
 * What a check of `loa doctor` is: it looks, it judges, and it says what to do so exactly that it can be followed. Reading and judging are
 * apart, the judging is pure. `set-up` uses the same checks.
 */
import type { StationFile } from "../config/station-file.ts";
import type { ConcernCode } from "../health/concerns.ts";
import type { Machine } from "./machine.ts";

export interface Pair {
  readonly vi: string;
  readonly en: string;
}
export const pair = (vi: string, en: string): Pair => ({ vi, en });

/** `nothing`: there is nothing of this kind here to look at, or it cannot be told now. */
export interface Verdict {
  readonly state: "well" | "bad" | "nothing";
  /** What was seen. A name or a figure that needs no language stands in it as it is. */
  readonly finding: Pair | string;
  readonly cause?: Pair;
  readonly advice?: Pair;
  /** What to type, in this order; the advice said exactly. */
  readonly commands?: readonly string[];
}

export const well = (finding: Verdict["finding"]): Verdict => ({ state: "well", finding });
export const nothing = (vi: string, en: string): Verdict => ({ state: "nothing", finding: { vi, en } });

export interface DoctorContext {
  readonly machine: Machine;
  /** Path of `station.yaml`. */
  readonly config: string;
  /** `null` while it has mistakes. */
  readonly file: StationFile | null;
  /** What the agent answers, `null` where none does. */
  readonly agent: AgentWord | null;
}

/** The part of the agent's status that checks look at. */
export interface AgentWord {
  readonly version: string;
  readonly clock: { readonly trust: string };
  readonly outputs: readonly { readonly sound: { readonly state: string } }[];
}

export interface DoctorCheck {
  /** Stable, for scripts. */
  readonly name: string;
  readonly title: Pair;
  /** The concerns that this check is the place for. Each concern belongs to one check. */
  readonly codes: readonly ConcernCode[];
  readonly run: (context: DoctorContext) => Promise<Verdict>;
}

interface Heading {
  readonly name: string;
  readonly title: Pair;
  readonly codes: readonly ConcernCode[];
}

/** A check that can be made on any machine. */
export function machineCheck<Reading>(
  heading: Heading,
  read: (context: DoctorContext) => Promise<Reading>,
  judge: (reading: Reading) => Verdict,
): DoctorCheck {
  return { ...heading, run: async (context) => judge(await read(context)) };
}

/** A check that needs to know what station.yaml says. */
export function stationCheck<Reading>(
  heading: Heading,
  read: (file: StationFile, context: DoctorContext) => Promise<Reading>,
  judge: (reading: Reading) => Verdict,
): DoctorCheck {
  return {
    ...heading,
    run: async (context) => {
      if (context.file === null) {
        return nothing("chờ station.yaml được sửa đúng", "waits until station.yaml is correct");
      }
      return judge(await read(context.file, context));
    },
  };
}

/** A check that only the running agent can make: its concerns say it all. */
export function agentCheck(heading: Heading): DoctorCheck {
  return machineCheck(
    heading,
    async ({ agent }) => agent !== null,
    (answers) =>
      answers
        ? well(pair("agent không thấy vấn đề", "the agent sees nothing wrong"))
        : nothing("chỉ kiểm tra được khi agent chạy", "can only be checked while the agent runs"),
  );
}
