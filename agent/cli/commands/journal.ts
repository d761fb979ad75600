/** `loa journal`: what really happened; `--at` answers a resident's question, `--verify` an auditor's. */
import type { Verdict } from "../../../storage/journal.ts";
import { type CliCommand, EXIT, type Invocation } from "../command.ts";
import type { Words } from "../words.ts";

/** A long chain on a small board. */
const LONGEST_MS = 300_000;

interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

function describe(entry: Entry, words: Words, zone: string): string {
  const { body } = entry;
  const header = body.header as { title?: string } | undefined;
  const title = String(header?.title ?? body.title ?? body.identifier ?? body.kind ?? "");
  const outcome = [body.outcome, body.reason, body.status].filter((part) => typeof part === "string").join(" ");
  const played: { breaks?: number }[] = Array.isArray(body.segments) ? body.segments : [];
  const breaks = played.reduce((sum, segment) => sum + (segment.breaks ?? 0), 0);
  const segments = `${played.length > 0 ? `${played.length} ♪` : ""} ${breaks > 0 ? words.say("torn", { times: breaks }) : ""}`;
  return `${String(entry.seq).padStart(6)}  ${words.time(entry.at, zone)}  ${entry.kind.padEnd(16)} ${title} ${outcome} ${segments}`.trimEnd();
}

async function verify({ ask, flags, words, print }: Invocation): Promise<number> {
  const verdict = (await ask("GET", "/v1/journal/verify", undefined, LONGEST_MS)) as Verdict;
  if (flags.json) print(JSON.stringify(verdict));
  else if (verdict.ok) print(words.say("journalIntact", { count: verdict.count }));
  else print(words.say("journalBroken", { seq: verdict.seq, problem: verdict.problem }));
  return verdict.ok ? EXIT.ok : EXIT.data;
}

export const journal: CliCommand = {
  usage: "loa journal [--at TIME] [--limit N] [--verify]",
  help: { vi: "nhật ký phát; --verify kiểm tra chuỗi băm", en: "the play log; --verify checks the hash chain" },
  async run(invocation) {
    const { ask, flags, words, print } = invocation;
    if (flags.verify) return verify(invocation);
    const query = new URLSearchParams();
    if (flags.at !== null) query.set("at", flags.at);
    if (flags.limit !== null) query.set("limit", flags.limit);
    const answer = (await ask("GET", `/v1/journal?${query}`)) as { zone: string; records: Entry[] };
    if (flags.json) print(JSON.stringify(answer));
    else if (answer.records.length === 0) print(words.say("nothing"));
    else for (const entry of answer.records) print(describe(entry, words, answer.zone));
    return EXIT.ok;
  },
};
