/** `loa test speaker|amp|face|network|clock|storage`: what a technician tries before he leaves. */
import type { SpeakerVerdict } from "../../speaker/judge.ts";
import type { SpeakerResult } from "../../speaker/speaker-tests.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, type Invocation, UsageError } from "../command.ts";
import { testAmplifier } from "../try/amplifier.ts";
import type { Field } from "../try/machine.ts";
import { face } from "./face.ts";

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

const MACHINE: readonly string[] = ["network", "clock", "storage"] satisfies Field[];

export const test: CliCommand = {
  usage: "loa test speaker|amp|face|network|clock|storage [NAME]",
  help: {
    vi: "thử loa, rơ-le tăng âm, mặt bảng, mạng, đồng hồ, thẻ nhớ",
    en: "try horns, amplifier relays, faces, network, clock, storage",
  },
  async run(invocation) {
    const { args, flags } = invocation;
    const [what = "", name] = args;
    if (what === "speaker") return testSpeaker(invocation, name);
    if (what === "amp") return testAmplifier(invocation, name);
    if (what === "face") return face.run({ ...invocation, args: ["test", ...args.slice(1)], flags });
    if (!MACHINE.includes(what)) throw new UsageError(test.usage);
    return (await import("../try/machine.ts")).testField(invocation, what as Field);
  },
};

/** Test tones through the horns, heard by the microphone. */
async function testSpeaker({ ask, flags, words, print }: Invocation, output: string | undefined): Promise<number> {
  const request = { output: output ?? null, baseline: flags.baseline, by: caller() };
  const answer = (await ask("POST", "/v1/test/speaker", request, LONGEST_MS)) as { results: SpeakerResult[] };
  if (flags.json) print(JSON.stringify(answer));
  else for (const one of answer.results) print(`${one.output}: ${words.pick(VERDICTS[one.verdict])} (${one.detail})`);
  const verdicts = answer.results.map(({ verdict }) => verdict);
  if (verdicts.some((verdict) => verdict === "dead" || verdict === "weak")) return EXIT.concern;
  return verdicts.every((verdict) => verdict === "ok") ? EXIT.ok : EXIT.unavailable;
}
