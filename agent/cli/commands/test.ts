/** `loa test speaker`: test tones through the horns, heard by the microphone. */
import type { SpeakerVerdict } from "../../speaker/judge.ts";
import type { SpeakerResult } from "../../speaker/speaker-tests.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, UsageError } from "../command.ts";

const VERDICTS: Record<SpeakerVerdict, { readonly vi: string; readonly en: string }> = {
  ok: { vi: "tốt", en: "sounds as it should" },
  weak: { vi: "nhỏ hơn khi lắp đặt", en: "fainter than when it was installed" },
  dead: { vi: "không nghe thấy", en: "not heard" },
  noisy: { vi: "xung quanh quá ồn, chưa kết luận được", en: "too much noise around to say" },
  "not-calibrated": {
    vi: "chưa có mức chuẩn: khi loa đang tốt, chạy `loa test speaker --baseline`",
    en: "nothing to compare with: while the horn is well, run `loa test speaker --baseline`",
  },
  "no-ear": { vi: "không có micrô", en: "no microphone" },
  deferred: { vi: "hoãn lại", en: "put off" },
};

/** Eight horns at most, a dozen seconds each. */
const LONGEST_MS = 480_000;

export const test: CliCommand = {
  usage: "loa test speaker [OUTPUT] [--baseline]",
  help: {
    vi: "phát âm thử và nghe lại xem loa có kêu không",
    en: "let the horns sound test tones and hear whether they do",
  },
  async run({ ask, args: [what, output], flags, words, print }) {
    if (what !== "speaker") throw new UsageError(test.usage);
    const request = { output: output ?? null, baseline: flags.baseline, by: caller() };
    const answer = (await ask("POST", "/v1/test/speaker", request, LONGEST_MS)) as { results: SpeakerResult[] };
    if (flags.json) print(JSON.stringify(answer));
    else for (const one of answer.results) print(`${one.output}: ${words.pick(VERDICTS[one.verdict])} (${one.detail})`);
    const verdicts = answer.results.map(({ verdict }) => verdict);
    if (verdicts.some((verdict) => verdict === "dead" || verdict === "weak")) return EXIT.concern;
    return verdicts.every((verdict) => verdict === "ok") ? EXIT.ok : EXIT.unavailable;
  },
};
