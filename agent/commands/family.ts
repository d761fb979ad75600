/** What every family of commands is: names, and what each does. A family knows its own ports; the gate before it knows none of them. */
import type { Examined } from "../admission/document.ts";
import type { CommandBody } from "../contract/command.ts";

export type CommandName = CommandBody["name"];
export type BodyOf<Name extends CommandName> = Extract<CommandBody, { name: Name }>;

/** `interrupted`: the agent ended while it ran. `expired`: it waited too long to be begun. */
export type CommandStatus = "done" | "failed" | "unsupported" | "expired" | "cancelled" | "interrupted";

export interface CommandResult {
  readonly status: CommandStatus;
  readonly detail: string;
  /** Done once the result is on the disk: what would end the agent before it could say so. */
  readonly after?: () => void;
}

/** What a command may know of itself while it runs. */
export interface CommandContext {
  readonly document: Examined;
  /** Names the command for the journal. */
  readonly by: string;
  /** Aborted by `cancel`, and when the agent stops. */
  readonly signal: AbortSignal;
  /** Journals how far it is; bounded, so call it as often as there is something new. @throws StationError `storage-failed` */
  readonly progress: (fields: Readonly<Record<string, string | number>>) => Promise<void>;
}

export type Handler<Name extends CommandName> = (
  body: BodyOf<Name>,
  context: CommandContext,
) => CommandResult | Promise<CommandResult>;

export type Family = { readonly [Name in CommandName]?: Handler<Name> };

export function done(detail = ""): CommandResult {
  return { status: "done", detail };
}

export function failed(detail: string): CommandResult {
  return { status: "failed", detail };
}
