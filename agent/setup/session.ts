/** What a step of set-up works with: whoever answers, the machine, what was told so far. */

import type { Invocation } from "../cli/command.ts";
import type { Prompt } from "../cli/prompt.ts";
import type { Machine } from "../doctor/machine.ts";
import type { Answers } from "./answers.ts";
import type { ResultLine, StepResult } from "./draft.ts";
import type { Found } from "./finding.ts";
import type { StepName } from "./titles.ts";

/** Somebody at a terminal, or nobody: then every question is answered as it was suggested. */
export interface Ui {
  readonly someone: boolean;
  /** Whoever sat there has gone, or wants it to end: nothing is to be waited for any more. */
  gone(): boolean;
  say(text: string): void;
  ask(question: string, suggestion?: string): Promise<string>;
  confirm(question: string, suggestion: boolean): Promise<boolean>;
  /** Number of the choice from 0; `null` for none. `suggestion` counts from 1, 0 is none. */
  choose(question: string, choices: readonly string[], suggestion: number): Promise<number | null>;
}

export interface Session {
  readonly ui: Ui;
  readonly words: Invocation["words"];
  readonly ask: Invocation["ask"];
  readonly machine: Machine;
  readonly found: Found;
  readonly configFile: string;
  readonly version: string;
  /** Changed by the steps. */
  answers: Answers;
  /** Of the steps before. */
  readonly resultOf: (step: string) => StepResult | null;
}

export interface Step {
  readonly name: StepName;
  /** `null`: there is nothing of the kind here. @throws where it cannot go on */
  readonly run: (session: Session) => Promise<Pick<StepResult, "state" | "lines"> | null>;
}

export const line = (vi: string, en: string, value: string): ResultLine => ({ vi, en, value });
export const well = (...lines: ResultLine[]) => ({ state: "well" as const, lines });
export const bad = (...lines: ResultLine[]) => ({ state: "bad" as const, lines });
export const skipped = (...lines: ResultLine[]) => ({ state: "skipped" as const, lines });

/** Nobody sits there: the answers came from a file. `gone`: it was told to end. */
export function silentUi(say: (text: string) => void, gone: () => boolean): Ui {
  return {
    someone: false,
    gone,
    say,
    ask: async (_, suggestion = "") => suggestion,
    confirm: async (_, suggestion) => suggestion,
    choose: async (_, choices, suggestion) => (suggestion < 1 || suggestion > choices.length ? null : suggestion - 1),
  };
}

export function promptUi(prompt: Prompt, say: (text: string) => void): Ui {
  return {
    someone: true,
    gone: () => prompt.closed,
    say,
    ask: (question, suggestion) => prompt.ask(question, suggestion),
    confirm: (question, suggestion) => prompt.confirm(question, suggestion),
    choose: (question, choices, suggestion) => prompt.choose(question, choices, suggestion),
  };
}
