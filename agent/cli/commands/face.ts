/** `loa face`: what the faces show, patterns to look at them by, their brightness, and a picture of what they really have on. */
import { writeFile } from "node:fs/promises";
import { FACE_PATTERNS } from "../../../playback/model/board.ts";
import type { FacesView, FaceView } from "../../board/faces-view.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, type Invocation, UsageError } from "../command.ts";

const SHOWING: Record<FaceView["showing"], { readonly vi: string; readonly en: string }> = {
  blank: { vi: "tối", en: "blank" },
  layout: { vi: "đang chiếu", en: "shows" },
  alert: { vi: "CẢNH BÁO KHẨN CẤP", en: "EMERGENCY ALERT" },
  pattern: { vi: "hình thử", en: "test pattern" },
};

/** The page answers every second; a face that was changed just now is confirmed a moment later. */
const UNCONFIRMED_MS = 3_000;
/** A large framebuffer takes its time to be encoded. */
const SCREENSHOT_MS = 30_000;

function lines(one: FaceView, { words }: Invocation): string[] {
  const { width, height } = one.size;
  const stale = one.unconfirmedMs !== null && one.unconfirmedMs > UNCONFIRMED_MS;
  const light = one.light.lit ? `${one.light.percent} %` : words.say("faceDark");
  return [
    `${one.name}  ${width}×${height}  ${words.pick(SHOWING[one.showing])}: ${one.title}  · ${light}`,
    ...(stale ? [`  ${words.say("faceUnconfirmed", { seconds: Math.round((one.unconfirmedMs ?? 0) / 1_000) })}`] : []),
    ...one.lacking.map(({ region, item, why }) => `  ${words.say("faceLacks")} ${region}/${item}: ${why}`),
    ...(one.controller === null ? [] : [`  ${words.say("faceController")}: ${one.controller.condition}`]),
    ...(one.look === null ? [] : [`  ${words.say("faceLook", { verdict: one.look.verdict, at: one.look.at })}`]),
    ...(one.next === null ? [] : [`  ${words.say("next")}: ${one.next.title} (${one.next.at})`]),
  ];
}

async function list(invocation: Invocation): Promise<number> {
  const view = (await invocation.ask("GET", "/v1/faces")) as FacesView;
  const { flags, print, words } = invocation;
  if (flags.json) print(JSON.stringify(view));
  else {
    if (view.kiosk !== null) print(`${words.say("faceScreen")}: ${view.kiosk.phase} (${view.kiosk.detail})`);
    for (const one of view.faces) for (const line of lines(one, invocation)) print(line);
  }
  const well = view.faces.every(({ unconfirmedMs }) => unconfirmedMs === null || unconfirmedMs <= UNCONFIRMED_MS);
  return well ? EXIT.ok : EXIT.concern;
}

async function pattern(invocation: Invocation, face: string | undefined, name: string): Promise<number> {
  const { ask, flags, print, words } = invocation;
  const known = FACE_PATTERNS.find((one) => one === name);
  if (known === undefined) throw new UsageError(`--pattern ${FACE_PATTERNS.join("|")}`);
  const seconds = Number(flags.seconds ?? 30);
  if (!(seconds >= 1 && seconds <= 600)) throw new UsageError("--seconds 1–600");
  const request = { face: face ?? null, pattern: known, seconds, by: caller() };
  const answer = (await ask("POST", "/v1/faces/pattern", request)) as { faces: string[] };
  print(flags.json ? JSON.stringify(answer) : words.say("facePattern", { faces: answer.faces.join(", "), seconds }));
  return EXIT.ok;
}

async function brightness(invocation: Invocation, rest: readonly string[]): Promise<number> {
  const { ask, flags, print, words } = invocation;
  const value = rest.at(-1) ?? "";
  const percent = value === "auto" ? null : Number(value.replace(/%$/, ""));
  if (value === "" || (percent !== null && !(percent >= 0 && percent <= 100))) {
    throw new UsageError("loa face brightness [FACE] 0-100|auto");
  }
  const request = { face: rest.length > 1 ? (rest[0] ?? null) : null, percent, by: caller() };
  const answer = (await ask("POST", "/v1/faces/brightness", request)) as { faces: string[] };
  if (flags.json) print(JSON.stringify(answer));
  else
    print(
      words.say(percent === null ? "faceLightAuto" : "faceLight", { faces: answer.faces.join(", "), percent: value }),
    );
  return EXIT.ok;
}

async function screenshot(invocation: Invocation, rest: readonly string[]): Promise<number> {
  const { ask, flags, print, words } = invocation;
  const file = rest.at(-1);
  if (file === undefined) throw new UsageError("loa face screenshot [FACE] FILE.png");
  const request = { face: rest.length > 1 ? (rest[0] ?? null) : null };
  const answer = (await ask("POST", "/v1/faces/screenshot", request, SCREENSHOT_MS)) as {
    takenAt: string;
    size: { width: number; height: number };
    png: string;
  };
  await writeFile(file, Buffer.from(answer.png, "base64"));
  const { takenAt, size } = answer;
  if (flags.json) print(JSON.stringify({ file, takenAt, size }));
  else print(words.say("facePicture", { file, size: `${size.width}×${size.height}`, at: takenAt }));
  return EXIT.ok;
}

export const face: CliCommand = {
  usage: "loa face list|test|identify|screenshot|brightness",
  help: {
    vi: "xem, thử, nhận dạng, chụp và chỉnh độ sáng các mặt bảng",
    en: "see, test, identify and photograph the faces of the board, and set their brightness",
  },
  run(invocation) {
    const [verb = "list", ...rest] = invocation.args;
    switch (verb) {
      case "list":
        return list(invocation);
      case "test":
        return pattern(invocation, rest[0], invocation.flags.pattern ?? "grid");
      case "identify":
        return pattern(invocation, rest[0], "identify");
      case "brightness":
        return brightness(invocation, rest);
      case "screenshot":
        return screenshot(invocation, rest);
      default:
        throw new UsageError(
          [
            "loa face list",
            "loa face test [FACE] [--pattern grid|red|…] [--seconds 30]",
            "loa face identify [FACE] [--seconds 30]",
            "loa face screenshot [FACE] FILE.png",
            "loa face brightness [FACE] 0-100|auto",
          ].join("\n"),
        );
    }
  },
};
