/** `loa status`: one screen that says whether this cluster does its duty. */

import type { OutputView, StatusView } from "../../control/views.ts";
import { CONCERN_KINDS } from "../../health/concerns.ts";
import { type CliCommand, EXIT } from "../command.ts";
import { CLASS_WORDS, LIVE_WORDS, TRUST_WORDS, type Words } from "../words.ts";

function seconds(ms: number | null): string {
  return ms === null ? "—" : `${(ms / 1000).toFixed(1)} s`;
}

function renderOutput(view: OutputView, words: Words, line: (label: string, text: string) => void): void {
  const { onAir, over } = view;
  const said = ({ title, item, class: kind, issuer, positionMs, durationMs }: NonNullable<OutputView["onAir"]>) =>
    `${title} — ${item ?? "…"} [${words.pick(CLASS_WORDS[kind])}, ${issuer}] ${seconds(positionMs)} / ${seconds(durationMs)}`;
  line(words.say("onAir"), onAir === null ? words.say("silence") : said(onAir));
  if (over !== null) line(words.say("over"), said(over));
  if (onAir !== null && onAir.live !== null) {
    const { source, state, problem, instead } = onAir.live;
    const why = [problem, instead].filter((text) => text !== null).join("; ");
    line(words.say("source"), `${source} · ${words.pick(LIVE_WORDS[state])}${why === "" ? "" : ` (${why})`}`);
  }
  for (const one of view.waiting) line(words.say("waiting"), `${one.title} — ${one.why}`);
  for (const one of view.next.slice(0, 3))
    line(words.say("next"), `${words.time(one.at)} ${one.title} [${words.pick(CLASS_WORDS[one.class])}]`);
  const rms = view.sound.rms === null ? "−∞" : view.sound.rms.toFixed(1);
  if (view.sound.state === "none") line(words.say("sound"), words.say("noSound"));
  else {
    line(words.say("sound"), `${view.sound.state} · ${rms} dBFS · ${view.sound.detail}`);
    line(words.say("amplifier"), view.amplifier.phase);
  }
}

function render(view: StatusView, words: Words): string {
  const lines: string[] = [];
  const line = (label: string, text: string) => lines.push(`${label.padEnd(14)} ${text}`);
  line("Loa", `${view.station} · ${view.commune} · ${view.province} · ${view.version}`);
  line(
    words.say("clock"),
    `${words.time(view.clock.now)} · ${words.pick(TRUST_WORDS[view.clock.trust])} (${view.clock.detail})`,
  );
  for (const output of view.outputs) {
    if (view.outputs.length > 1) line(words.say("output"), output.name);
    renderOutput(output, words, line);
  }
  for (const one of view.emergencies) line(words.say("emergencies"), `${one.identifier}: ${one.headline}`);
  line(words.say("volume"), `${view.volume} %${view.muted ? ` · ${words.say("muted")}` : ""}`);
  line(
    words.say("link"),
    view.link.connected ? words.say("connected") : `${words.say("offline")} ${view.link.lastError ?? ""}`,
  );
  line(words.say("media"), `${view.media.present} / ${view.media.known}`);
  line(
    words.say("journal"),
    `${view.journal.count} ${words.say("records")} · ${view.journal.hash.slice(0, 12)} · ${view.outbox.rows} ↑`,
  );
  if (view.concerns.length === 0) line(words.say("concerns"), words.say("allWell"));
  for (const one of view.concerns)
    line(one.severity.toUpperCase(), `${words.pick(CONCERN_KINDS[one.code])} (${one.detail})`);
  return lines.join("\n");
}

export const status: CliCommand = {
  usage: "loa status",
  help: { vi: "trạng thái: đang phát gì, của ai, có vấn đề gì", en: "what is on air, whose, and what is wrong" },
  async run({ ask, flags, words, print }) {
    const view = (await ask("GET", "/v1/status")) as StatusView;
    print(flags.json ? JSON.stringify(view) : render(view, words));
    return EXIT.ok;
  },
};
