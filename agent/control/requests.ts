/** Bodies of requests at the control socket: what most of them carry, and how a bad one is refused. */
import { z } from "zod";
import { BadRequest } from "./server.ts";

/** Who typed it, as the caller says; the kernel's word stands beside it. */
export const who = z.string().max(100).default("");
/** The officer's token, as it was shown. */
export const token = z.string().max(200).optional();

/** Says who asked, for the journal: what the caller said, and what the kernel says of him. */
export function named(said: string, peer: string): string {
  return said === "" ? peer : `${said} · ${peer}`;
}

/** Refuses who does not show the officer's token. @throws BadRequest */
export type Allowed = (what: string, by: string, shown: string | undefined) => Promise<void>;

/** @throws BadRequest with each mistake and where it stands */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadRequest(
    parsed.error.issues.map(({ path, message }) => `${path.join(".") || "request"}: ${message}`).join("; "),
  );
}
