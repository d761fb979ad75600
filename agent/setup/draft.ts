/** What set-up has been told and has found, step by step on the disk: Ctrl-C or a power cut costs the step at hand and no more. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";
import { type Answers, answers } from "./answers.ts";

const FILE = "setup-draft.json";

const line = z.object({ vi: z.string(), en: z.string(), value: z.string() });
export const stepResult = z.object({
  step: z.string(),
  state: z.enum(["well", "bad", "skipped"]),
  at: z.string(),
  lines: z.array(line),
});
export type StepResult = z.infer<typeof stepResult>;
export type ResultLine = z.infer<typeof line>;

const draft = z.object({ version: z.literal(1), at: z.string(), answers, results: z.array(stepResult) });
export type DraftContent = z.infer<typeof draft>;

export class Draft {
  readonly #path: string;
  content: DraftContent;

  private constructor(path: string, content: DraftContent) {
    this.#path = path;
    this.content = content;
  }

  /** The one that stands beside the configuration; `null` where there is none that can be read. */
  static async find(configFile: string): Promise<Draft | null> {
    const path = join(dirname(configFile), FILE);
    const text = await readIfPresent(path);
    if (text === null) return null;
    try {
      const parsed = draft.safeParse(JSON.parse(text));
      return parsed.success ? new Draft(path, parsed.data) : null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  static begin(configFile: string, told: Answers, at: string): Draft {
    return new Draft(join(dirname(configFile), FILE), { version: 1, at, answers: told, results: [] });
  }

  resultOf(step: string): StepResult | null {
    return this.content.results.find((one) => one.step === step) ?? null;
  }

  /** The answers as they are now, and what a step came to. Durable when it resolves. */
  async keep(told: Answers, result: StepResult): Promise<void> {
    const others = this.content.results.filter(({ step }) => step !== result.step);
    this.content = { ...this.content, at: result.at, answers: told, results: [...others, result] };
    await mkdir(dirname(this.#path), { recursive: true });
    await replaceFile(this.#path, JSON.stringify(this.content));
  }

  forget(): Promise<void> {
    return rm(this.#path, { force: true });
  }
}
