/** `loa test amp`: each line of an amplifier moved by the running agent, with a finger on the relay; off at the end whatever happens. */
import type { AmplifierLines, AmplifierReading } from "../../../playback/ports/amplifier.ts";
import { FEELS, type Hands, type WiringResult, wiringLine, wiringTest } from "../../outputs/wiring-test.ts";
import { caller } from "../caller.ts";
import { EXIT, type Invocation, Refused } from "../command.ts";
import { Prompt } from "../prompt.ts";

/** Through the running agent. */
export async function testAmplifier(invocation: Invocation, wanted: string | undefined): Promise<number> {
  const { ask, flags, words, print } = invocation;
  const { outputs } = (await ask("GET", "/v1/test/amplifier")) as { outputs: string[] };
  const chosen = wanted === undefined ? outputs : outputs.filter((one) => one === wanted);
  if (chosen.length === 0) throw new Refused(words.say("noAmplifier", { outputs: outputs.join(", ") }));
  const prompt = flags.yes ? null : new Prompt(words);
  const results: WiringResult[] = [];
  try {
    if (prompt !== null && !(await prompt.confirm(words.say("fingerOnRelay"), true))) return EXIT.ok;
    for (const output of chosen) results.push(await one(invocation, output, prompt));
  } finally {
    prompt?.close();
  }
  if (flags.json) print(JSON.stringify(results));
  else {
    for (const { output, steps, well } of results) {
      print(`${output}: ${words.say(well ? "wiringWell" : "wiringBad")}`);
      for (const step of steps) print(`  ${wiringLine(step)}`);
    }
  }
  return results.every(({ well }) => well) ? EXIT.ok : EXIT.concern;
}

async function one({ ask, words }: Invocation, output: string, prompt: Prompt | null): Promise<WiringResult> {
  let result: WiringResult | null = null;
  const move = (lines: AmplifierLines) =>
    ask("POST", "/v1/test/amplifier", { output, ...lines, by: caller() }) as Promise<AmplifierReading>;
  try {
    result = await wiringTest(output, {
      move,
      feel:
        prompt === null ? null : (step) => held(prompt.confirm(words.pick(FEELS[step.step]), true), step.lines, move),
    });
    return result;
  } finally {
    const felt = result?.steps.map(({ step, felt: as }) => ({ step, as })) ?? [];
    await ask("POST", "/v1/test/amplifier/end", { output, by: caller(), felt });
  }
}

/** The agent gives lines back that nobody asks for; a hand may take longer than that. */
const KEEP_EVERY_MS = 4_000;
async function held<T>(answer: Promise<T>, lines: AmplifierLines, move: Hands["move"]): Promise<T> {
  let failure: unknown = null;
  const keeping = setInterval(() => {
    move(lines).catch((error: unknown) => {
      failure ??= error;
    });
  }, KEEP_EVERY_MS);
  try {
    const given = await answer;
    if (failure !== null) throw failure;
    return given;
  } finally {
    clearInterval(keeping);
  }
}
