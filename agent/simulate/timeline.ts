/** What happened, line by line, in the order of true time: the world's events, what sounded, what the journal says. */
import type { Instant } from "../../playback/model/units.ts";
import type { JournalRecord } from "../../storage/journal.ts";
import type { Happening } from "./scenario.ts";

export interface TimelineEntry {
  /** True time. */
  readonly at: Instant;
  /** `world`: an event of the scenario; `sound`: what is heard; `journal`: what the station wrote down; `fault`: what should not be. */
  readonly from: "world" | "sound" | "journal" | "fault";
  readonly what: string;
  /** Which slot, document or medium, where there is one. */
  readonly about: string | null;
  readonly detail: string;
}

export function ofHappening(at: Instant, happening: Happening): TimelineEntry {
  const line = (what: string, about: string | null, detail = ""): TimelineEntry => ({
    at,
    from: "world",
    what,
    about,
    detail,
  });
  switch (happening.what) {
    case "link":
      return line(happening.up ? "link-up" : "link-down", null);
    case "power-cut":
      return line("power-cut", null, `${happening.forMs / 1_000} s`);
    case "clock-jump":
      return line("clock-jump", null, `${happening.by / 1_000} s`);
    case "mains":
      return line(happening.on ? "mains-on" : "mains-off", null);
    case "battery":
      return line("battery", null, `${happening.percent} %`);
    case "sensor":
      return line("sensor", null, happening.silent ? "silent" : "works");
    case "document":
      return line("document", happening.document.kind, happening.document.detail);
    case "media":
      return line("media", happening.name, happening.state);
    case "mute":
      return line(happening.muted ? "mute" : "unmute", null);
  }
}

interface SlotBody {
  readonly key: string;
  readonly title: string;
  readonly outcome: string;
  readonly why: { readonly reason: string; readonly detail: string } | null;
}

/** A record of the journal in one line. */
export function ofRecord(at: Instant, { kind, body }: JournalRecord): TimelineEntry {
  if (kind === "slot") {
    const slot = body as unknown as SlotBody;
    const why = slot.why === null ? "" : `${slot.why.reason}: ${slot.why.detail}`;
    return { at, from: "journal", what: `slot-${slot.outcome}`, about: slot.key, detail: why };
  }
  const about = ["kind", "name", "identifiers", "generation"]
    .map((name) => body[name])
    .find((value) => value !== undefined);
  const detail = ["reason", "detail", "status", "by"].flatMap((name) =>
    typeof body[name] === "string" ? [body[name]] : [],
  );
  return {
    at,
    from: "journal",
    what: kind,
    about: about === undefined ? null : String(about),
    detail: detail.join(": "),
  };
}
