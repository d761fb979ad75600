/** Mutations of what is signed: under the old signatures, and truly signed though the contract forbids it. */
import { base64url, json, LOOK_ALIKE, type Materials, type Mutation, open, payloadOf, rawSign } from "./mutation.ts";
import type { Random } from "./random.ts";

/** A payload that says something else under the old signatures. */
export const otherPayload: Mutation = ({ random, subject, other }) => {
  const text = payloadOf(subject.bytes);
  const changed = random.pick([
    text.replace(/"seq":\d+/, `"seq":${1_000 + random.int(1_000)}`),
    text.replace(/"exp":"\d{4}/, '"exp":"2999'),
    text.replace(/"iss":"[^"]*"/, '"iss":"somebody"'),
    text.replace(/"aud":\[/, '"aud":["all",'),
    `${text} `,
    payloadOf(other.bytes),
    breaking(random, text),
  ]);
  return json({ ...open(subject.bytes), payload: base64url(changed) });
};

/** Claims that two readers may read in two ways, or that no reader should read at all. */
function breaking(random: Random, text: string): string {
  const seq = /"seq":(\d+)/.exec(text)?.[1] ?? "1";
  const deep = "[".repeat(33 + random.int(5_000));
  const [latin, twin] = random.pick(LOOK_ALIKE);
  return random.pick([
    text.replace(/"seq":\d+/, `"seq":${seq},"seq":999`),
    text.replace(/"seq":\d+/, `"seq":999,"\\u0073eq":${seq}`),
    text.replace(/"kind":/, '"kind":"content","kind":'),
    text.replace(
      /"seq":\d+/,
      `"seq":${random.pick(["1e400", "9007199254740993", "-1", "0", "1.5", "1e300", '"1"', "null", "true"])}`,
    ),
    text.replace(/"jti":/, `"x":${deep}${"]".repeat(deep.length)},"jti":`),
    text.replace(/"jti":/, `"__proto__":{"seq":999},"jti":`),
    text.replace(
      /"iss":"([^"]*)"/,
      (_, iss: string) => `"iss":"${iss.includes(latin) ? iss.replace(latin, twin) : `${iss}а`}"`,
    ),
    text.replace(
      /"iss":"([^"]*)"/,
      (_, iss: string) => `"iss":"${random.pick([`${iss}\\u0000`, `${iss} `, `${iss}\\u200b`, ""])}"`,
    ),
    text.replace(
      /"exp":"[^"]*"/,
      `"exp":${random.pick(["4102444800", '"2999-13-45T00:00:00Z"', '"9999999-01-01T00:00:00Z"', "1e99"])}`,
    ),
    text.replace(/"body":\{/, '"body":{"surprise":1,'),
    text.slice(0, -1),
    `${text},`,
    `\ufeff${text}`,
    text.replace("{", "{/* */"),
    "null",
    "[]",
    '""',
    "",
  ]);
}

/** What a true key signed though the contract forbids it. */
export function resigned({ random, subject }: Materials): Buffer {
  const payload = base64url(breaking(random, payloadOf(subject.bytes)));
  const list = open(subject.bytes).signatures.map((one, n) => {
    const key = subject.keys[n];
    if (key === undefined) throw new Error("a signature without a key");
    return { protected: one.protected, signature: rawSign(key, one.protected, payload) };
  });
  return json({ payload, signatures: list });
}
