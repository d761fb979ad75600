/** Kind → schema of its body: the one table that admission, the published schemas and the reference source share. */
import type { z } from "zod";
import { commandBody } from "./command.ts";
import { configBody } from "./config.ts";
import { contentBody } from "./content.ts";
import { emergencyBody } from "./emergency.ts";
import type { DocumentKind } from "./envelope.ts";
import { ackBody, releaseBody, timeBody } from "./replies.ts";
import { scheduleBody, suspensionBody } from "./schedule.ts";
import { type Role, rootBody, trustBody } from "./trust.ts";

export const BODIES = {
  root: rootBody,
  trust: trustBody,
  config: configBody,
  content: contentBody,
  schedule: scheduleBody,
  suspension: suspensionBody,
  emergency: emergencyBody,
  command: commandBody,
  release: releaseBody,
  time: timeBody,
  ack: ackBody,
} as const satisfies Record<DocumentKind, z.ZodType>;

/** Which role signs which kind. Trust is root's own; a new root is signed by the old one and by itself. */
export const SIGNED_BY: Record<DocumentKind, Role | "root"> = {
  root: "root",
  trust: "root",
  config: "config",
  content: "content",
  schedule: "schedule",
  suspension: "schedule",
  emergency: "emergency",
  command: "command",
  release: "release",
  time: "time",
  ack: "time",
};
