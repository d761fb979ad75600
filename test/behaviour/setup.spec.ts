/** Set-up of a blank board, as a technician types it and from a file: with the real program, on a terminal, offline. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import type { StepResult } from "../../agent/setup/draft.ts";
import { type BoardLogLine, boardMonotonic } from "../../drivers/board/protocol.ts";
import { SimulatedModbus } from "../../drivers/modbus/simulated-modbus.ts";
import { Ceremony } from "../source/ceremony.ts";
import { type AgentPlace, AgentProcess, builtFolder, cli } from "../support/cluster/agent-process.ts";
import { BoardProcess } from "../support/drivers/board-process.ts";
import { Terminal } from "../support/processes/terminal.ts";

let folder: string;
let place: AgentPlace;
let stick: string;
const NAMESPACE = join(import.meta.dirname, "../support/cluster/gpio-namespace.sh");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-setup-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  await mkdir(join(folder, "etc"));
  place = {
    configFile: join(folder, "etc/station.yaml"),
    socket: join(folder, "control.sock"),
    logFile: join(folder, "agent.log"),
    environment,
  };
  stick = join(folder, "stick");
  await mkdir(stick);
  const commission = {
    ...{ version: 1, station: "xa-00004-cum-01", commune: "00004", province: "01", hamlet: "thon-1" },
    ...{ brokers: ["mqtts://127.0.0.1:1"], enrolUrl: "https://127.0.0.1:1/enrol", claim: "mot-lan-duy-nhat" },
    root: (await Ceremony.hold()).rootFile(),
  };
  await writeFile(join(stick, "commission.json"), JSON.stringify(commission));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const state = () => join(folder, "state");
const written = async () => parse(await readFile(place.configFile, "utf8")) as Record<string, never>;
/** Print of the key that the station enrols with, from a file that nobody else may read. */
async function ownKey(): Promise<string> {
  const name = join(state(), "identity/current.json");
  expect((await stat(name)).mode & 0o777).toBe(0o600);
  const { key } = JSON.parse(await readFile(name, "utf8")) as { key: string };
  return createHash("sha256")
    .update(createPublicKey(key).export({ type: "spki", format: "der" }))
    .digest("hex");
}
const records = async () => (await readdir(join(state(), "acceptance"))).sort();

/** What a file says that leaves nothing to the packaged places. */
async function answersFile(more: object = {}): Promise<string> {
  const name = join(folder, "answers.yaml");
  await writeFile(
    name,
    stringify({
      ...{ technician: "Trần Văn An", commission: stick, state: state(), socket: place.socket, tone: "skip" },
      place: { name: "Cột điện đầu thôn 1", latitude: 21.03, longitude: 105.85 },
      volumeCeiling: 85,
      ...more,
    }),
  );
  return name;
}

function at(language: string): Terminal {
  const program = [process.execPath, join(builtFolder(), "agent/cli/main.js"), "setup", "--lang", language];
  const command = ["unshare", "-m", NAMESPACE, folder, ...program, "--config", place.configFile, "--state", state()];
  return new Terminal(command, place.environment);
}
const STEP_VI = /Enter: làm.*: /;

/** Through the first three steps: who, where, which board, which lines. */
async function asFarAsWiring(terminal: Terminal): Promise<void> {
  await terminal.answer(STEP_VI, "");
  await terminal.answer(/Người lắp đặt.*: /, "Trần Văn An");
  await terminal.answer(/Vị trí.*: /, "Cột điện đầu thôn 1");
  await terminal.answer(/Toạ độ.*: /, "21.03, 105.85");
  await terminal.answer(STEP_VI, "");
  await terminal.answer(/gói cài đặt.*: /, stick);
  await terminal.answer(/Khớp với giấy\? \(c\/k\).*: /, "c");
  await terminal.answer(STEP_VI, "");
  await terminal.until(/1\. pinctrl-test \(0–53\)/);
  await terminal.answer(/Chip GPIO.*: /, "1");
  await terminal.answer(/Chân power.*: /, "17 low");
  await terminal.answer(/Chân mute.*: /, "27");
  await terminal.answer(/Chân sense.*: /, "");
  await terminal.answer(/Chân fault.*: /, "");
}

/** A key on a line of the chip, and a door on an input of a Modbus board; a first attempt that names no line adds nothing. */
async function nameContacts(terminal: Terminal, port: number): Promise<void> {
  await terminal.answer(STEP_VI, "");
  for (const line of ["", "23"]) {
    await terminal.answer(/Thêm khoá, nút.*: /, "3");
    await terminal.answer(/Tên tiếp điểm.*: /, "tat-tieng");
    await terminal.answer(/nối vào đâu.*: /, "1");
    await terminal.answer(/Chân tiếp điểm.*: /, line);
    if (line === "") await terminal.until(/không thêm/);
  }
  await terminal.answer(/Thêm khoá, nút.*: /, "5");
  await terminal.answer(/Tên tiếp điểm \[door\]: /, "");
  await terminal.answer(/nối vào đâu.*: /, "2");
  await terminal.answer(/địa chỉ mạng.*: /, `127.0.0.1:${port}`);
  await terminal.answer(/Số của bo.*\[1\]: /, "");
  await terminal.answer(/Ngõ vào.*: /, "3");
  await terminal.answer(/Thêm khoá, nút.*: /, "0");
}

/** The key on line 23, in place: a file that is empty for a moment would be an open one. */
const turn = (level: "0" | "1") => writeFile(join(folder, "line-23"), level, { flag: "r+" });

describe("loa setup at a terminal, in Vietnamese, on a board with one GPIO chip and no network", () => {
  it("asks, moves the relays under a finger, goes on after Ctrl-C and a power cut, and leaves a station with its report", {
    timeout: 120_000,
  }, async () => {
    const modbus = new SimulatedModbus("tcp");
    await modbus.start();
    onTestFinished(() => modbus.stop());
    modbus.put(3, true);
    const first = at("vi");
    await asFarAsWiring(first);
    await first.answer(STEP_VI, "");
    await first.until(/Đặt ngón tay lên rơ-le/);
    first.interrupt();
    expect(await first.exited).toBe(69);
    expect(first.shown).toContain("Chạy lại `loa setup` để làm tiếp");
    expect(existsSync(place.configFile)).toBe(false);

    const second = at("vi");
    await second.answer(/Có bản nháp.*Làm tiếp\?.*: /, "c");
    await second.until(/\[4\/13\] Thử dây rơ-le/);
    await second.answer(STEP_VI, "");
    await second.answer(/ngón tay.*: /, "c");
    for (const felt of [/Rơ-le nguồn có tách.*: /, /mở tiếng.*: /, /tắt tiếng.*: /]) await second.answer(felt, "c");
    await second.answer(/Rơ-le nguồn có nhả.*: /, "k");
    await second.until(/ĐẤU NỐI SAI/);
    // The last one let go after all.
    await second.answer(/Làm lại bước này\?.*: /, "c");
    await second.answer(STEP_VI, "");
    await second.answer(/ngón tay.*: /, "c");
    for (let n = 0; n < 4; n++) await second.answer(/\(c\/k\).*: /, "c");
    await second.until(/kết quả: đấu nối đúng/);
    await second.until(/\[5\/13\] Khoá, nút và tiếp điểm/);
    await nameContacts(second, modbus.port);
    await second.answer(/tat-tieng \(công tắc tắt tiếng\) đang mở.*đóng lại trong 30 giây.*: /, "c");
    await turn("1");
    await second.until(/đã đóng\. Giờ mở ra/);
    await turn("0");
    await second.answer(/door \(cửa tủ\) đang đóng.*: /, "k");
    await second.until(/tat-tieng \(công tắc tắt tiếng\): pinctrl-test:23: ✓ mở → đóng → mở/);
    await second.until(/door \(cửa tủ\): 127\.0\.0\.1\/1:3: – chưa thử \(đóng\)/);
    await second.answer(STEP_VI, "s");
    await second.until(STEP_VI);
    await second.kill();

    const third = at("vi");
    await third.answer(/Làm tiếp\?.*: /, "");
    await third.until(/\[7\/13\] Âm lượng tối đa/);
    await third.answer(STEP_VI, "");
    await third.answer(/Âm lượng không bao giờ vượt.*: /, "85");
    await third.until(/\[8\/13\]/);
    // One step back, and forward again.
    await third.answer(STEP_VI, "b");
    await third.until(/\[7\/13\]/);
    await third.answer(STEP_VI, "");
    await third.answer(/Âm lượng không bao giờ vượt \(%\) \[85\]: /, "");
    await third.until(/\[8\/13\]/);
    await third.answer(STEP_VI, "");
    await third.until(/\[9\/13\] Mạng/);
    await third.answer(STEP_VI, "");
    await third.answer(/Ở đây chưa có mạng, để sau\?.*: /, "c");
    await third.until(/\[10\/13\] Đồng hồ/);
    await third.answer(STEP_VI, "s");
    await third.until(/\[11\/13\] Thẻ nhớ/);
    await third.answer(STEP_VI, "s");
    await third.until(/\[12\/13\]/);
    await third.answer(STEP_VI, "");
    await third.answer(/Khởi động agent ngay.*: /, "k");
    await third.until(/\[13\/13\]/);
    await third.answer(STEP_VI, "");
    const code = await third.exited;
    expect([code, third.shown]).toEqual([0, expect.stringContaining("LẮP ĐẶT XONG")]);
    expect(await records()).toEqual(
      expect.arrayContaining([expect.stringMatching(/\.html$/), expect.stringMatching(/\.json$/)]),
    );

    const file = await written();
    expect(file).toMatchObject({
      ...{ station: "xa-00004-cum-01", commune: "00004", hamlet: "thon-1", root: "root.json" },
      uplink: { brokers: ["mqtts://127.0.0.1:1"] },
      hardware: {
        amplifier: {
          kind: "gpio",
          power: { chip: "pinctrl-test", offset: 17, activeLow: true },
          mute: { chip: "pinctrl-test", offset: 27, activeLow: false },
        },
        contacts: [
          { name: "tat-tieng", does: "mute", kind: "gpio", line: { chip: "pinctrl-test", offset: 23 } },
          { name: "door", does: "door", kind: "modbus", link: { host: "127.0.0.1", port: modbus.port }, input: 3 },
        ],
      },
      limits: { volumeCeiling: 85 },
    });
    expect((await cli(place, ["config", "check"])).code).toBe(0);
    const [name = ""] = (await records()).filter((one) => one.endsWith(".html"));
    const page = await readFile(join(state(), "acceptance", name), "utf8");
    for (const text of ["Keys, buttons and contacts", "mở → đóng → mở", "chưa thử (đóng)"])
      expect(page).toContain(text);
    expect(existsSync(join(folder, "etc/setup-draft.json"))).toBe(false);
  });
});

describe("loa setup from a file", () => {
  let board: BoardProcess;
  beforeEach(async () => {
    board = await BoardProcess.at(folder);
  });
  afterEach(() => board.stop());
  const simulated = () => ({ amplifier: { kind: "simulated", socket: board.socket } });
  const run = async (more: object = {}) =>
    cli(place, ["setup", "--from", await answersFile({ hardware: simulated(), ...more }), "--yes", "--json"]);

  it("tries the relays, writes the station, keeps the file before it, and reports what was found", {
    timeout: 60_000,
  }, async () => {
    const ran = await run();
    const told = JSON.parse(ran.stdout) as {
      passed: boolean;
      page: string;
      sha256: string;
      results: { step: string; state: string }[];
    };
    const of = (name: string) => told.results.find(({ step }) => step === name)?.state;
    expect([of("station"), of("wiring"), of("tone"), of("volume"), of("write")]).toEqual([
      ...["well", "well", "skipped", "well", "well"],
    ]);
    const moved = (await board.log()).filter((line) => "power" in line).map(({ power, muted }) => `${power}/${muted}`);
    expect(moved).toEqual(expect.arrayContaining(["true/true", "true/false"]));
    expect(moved.at(-1)).toBe("false/true");
    expect((await written()).limits).toEqual({ volumeCeiling: 85 });
    expect(existsSync(join(state(), "identity/claim"))).toBe(true);
    const page = await readFile(told.page, "utf8");
    const print = await ownKey();
    expect(page).toContain(print);
    for (const text of ["Trần Văn An", "Cột điện đầu thôn 1", "21.03", "xa-00004-cum-01", "power-on", "<svg"]) {
      expect(page).toContain(text);
    }
    expect(page).not.toMatch(/<script|src="(?!data:)|mot-lan-duy-nhat/);

    const before = await readFile(place.configFile, "utf8");
    expect((await run({ volumeCeiling: 60 })).code).toBe(ran.code);
    const kept = (await readdir(join(folder, "etc"))).filter((name) => name.includes(".old-"));
    expect(kept).toHaveLength(1);
    expect(await readFile(join(folder, "etc", kept[0] ?? ""), "utf8")).toBe(before);
    expect(await ownKey()).toBe(print);
    expect((await written()).limits).toEqual({ volumeCeiling: 60 });
  });

  it("goes into the journal, once, when the agent starts, with the digest of record and page", {
    timeout: 60_000,
  }, async () => {
    await run();
    // Made by set-up, and kept by the agent.
    const print = await ownKey();
    const [record, second] = [(await records()).find((name) => name.endsWith(".json")), null];
    expect(second).toBeNull();
    for (let n = 0; n < 2; n++) {
      const agent = await AgentProcess.start(place);
      const { records: journal } = (await agent.ask("GET", "/v1/journal?limit=200")) as {
        records: { kind: string; body: { station: string; technician: string; pageSha256: string } }[];
      };
      const found = journal.filter(({ kind }) => kind === "acceptance");
      expect(found).toHaveLength(1);
      expect(found[0]?.body).toMatchObject({
        station: "xa-00004-cum-01",
        technician: "Trần Văn An",
        stationKey: print,
      });
      expect(record).toContain(found[0]?.body.pageSha256.slice(0, 12));
      await agent.kill("SIGTERM");
      expect(await ownKey()).toBe(print);
    }
  });

  it("tries each contact that somebody moves, and tells which did not move, cannot be read or was not tried", {
    timeout: 60_000,
  }, async () => {
    const file = (name: string) => join(folder, name);
    const contact = (name: string, does: string) => ({
      name,
      does,
      kind: "simulated",
      file: file(name),
      steadyMs: 100,
    });
    for (const name of ["khoa", "cua", "nut"]) await writeFile(file(name), "0");
    const key = contact("khoa", "local-alert");
    const wired = (...contacts: object[]) => ({ hardware: { ...simulated(), contacts } });
    const stepOf = (ran: { stdout: string }) =>
      (JSON.parse(ran.stdout) as { results: StepResult[] }).results.find(({ step }) => step === "contacts");

    let level = 0;
    const hand = setInterval(() => {
      level = 1 - level;
      void writeFile(file("khoa"), String(level), { flag: "r+" });
    }, 700);
    onTestFinished(() => clearInterval(hand));
    const others = [contact("cua", "door"), contact("chet", "isolator")];
    const tried = await run({ ...wired(key, ...others), contacts: "try", contactSeconds: 3 });
    clearInterval(hand);
    const step = stepOf(tried);
    expect([tried.code, step?.state]).toEqual([1, "bad"]);
    expect(step?.lines.map(({ vi, en }) => `${vi} ${en}`)[0]).toBe(
      "khoa (khoá báo động tại chỗ) khoa (key of the local alert)",
    );
    const [moved, stuck, dead] = step?.lines.map(({ value }) => value) ?? [];
    expect(moved).toMatch(/khoa: ✓ (mở → đóng → mở|đóng → mở → đóng)$/);
    expect(stuck).toMatch(/cua: ✗ mở không đổi trong 3 giây$/);
    expect(dead).toMatch(/chet: ✗ .*ENOENT.* → /);
    const page = await readFile((JSON.parse(tried.stdout) as { page: string }).page, "utf8");
    for (const text of ["không đổi trong 3 giây", "khoa (key of the local alert)", "cua (cabinet door)"])
      expect(page).toContain(text);

    const read = stepOf(await run(wired(contact("nut", "page"))));
    expect([read?.state, read?.lines[0]?.value]).toEqual(["skipped", expect.stringContaining("– chưa thử (mở)")]);
    const left = stepOf(await run({ ...wired(contact("chet", "page")), contacts: "skip" }));
    expect([left?.state, left?.lines[0]?.value]).toEqual(["skipped", expect.stringContaining("– chưa thử")]);
    expect(stepOf(await run(wired()))).toBeUndefined();
  });

  it("leaves what is wired beside what it tells, and refuses at once what cannot be", { timeout: 60_000 }, async () => {
    const lineInputs = { thu: { device: "plughw:CARD=Line" } };
    await run({ hardware: { ...simulated(), lineInputs } });
    await run({ hardware: { amplifierTimes: { settleMs: 500 } } });
    const { hardware } = await written();
    expect(hardware).toEqual({ ...simulated(), lineInputs, amplifierTimes: { settleMs: 500 } });
    const wrong = await run({ hardware: { amplifier: { kind: "gpio" } } });
    expect([wrong.code, wrong.stderr]).toEqual([65, expect.stringContaining("hardware.amplifier.power: ")]);
  });

  it("says that a relay does not obey, leaves it safe, and is not accepted", { timeout: 60_000 }, async () => {
    const other = await BoardProcess.at(await mkdtemp(join(folder, "board-")));
    await other.stop();
    const ran = await run({ hardware: { amplifier: { kind: "simulated", socket: other.socket } } });
    const told = JSON.parse(ran.stdout) as { passed: boolean; results: { step: string; state: string }[] };
    expect([ran.code, told.passed]).toEqual([1, false]);
    expect(told.results.find(({ step }) => step === "wiring")?.state).toBe("bad");
  });

  it("touches nothing while an agent runs, nor makes another station of a board that is one, nor takes a wrong answer", {
    timeout: 60_000,
  }, async () => {
    await run();
    const agent = await AgentProcess.start(place);
    const running = await run();
    expect([running.code, running.stderr]).toEqual([65, expect.stringContaining("stopAgent: true")]);
    await agent.kill("SIGTERM");
    const text = await readFile(join(stick, "commission.json"), "utf8");
    await writeFile(join(stick, "commission.json"), text.replace("xa-00004-cum-01", "xa-00004-cum-02"));
    const other = await run();
    expect([other.code, other.stderr]).toEqual([65, expect.stringContaining("factory-reset")]);
    const wrong = await run({ volumeCeiling: 850 });
    expect([wrong.code, wrong.stderr]).toEqual([65, expect.stringContaining("volumeCeiling")]);
    expect((await cli(place, ["setup", "--from", join(folder, "answers.yaml")])).code).toBe(64);
  });
});

describe("loa setup that is cut off while it holds the amplifier on", { timeout: 60_000 }, () => {
  let board: BoardProcess;
  beforeEach(async () => {
    board = await BoardProcess.at(folder);
    // Each step takes long enough to be met.
    await board.behave({ slowMs: 200 });
  });
  afterEach(() => board.stop());
  const simulated = () => ({ hardware: { amplifier: { kind: "simulated", socket: board.socket } } });
  const isOn = ({ event, power }: BoardLogLine) => event === "lines" && power === true;
  const isSafe = ({ event, power, muted }: BoardLogLine) => event === "lines" && power === false && muted === true;

  /** From a file, as far as the relay test; ends with the test. */
  async function meanwhile(): Promise<ChildProcess> {
    const from = ["setup", "--from", await answersFile(simulated()), "--yes", "--config", place.configFile];
    const program = [join(builtFolder(), "agent/cli/main.js"), ...from];
    const child = spawn(process.execPath, program, { env: place.environment, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    expect((await board.logged(isOn)).pid).toBe(child.pid);
    return child;
  }

  it.each(["SIGHUP", "SIGTERM", "SIGINT"] as const)(
    "puts it back itself at a %s, and goes on another time",
    async (signal) => {
      const child = await meanwhile();
      const ended = once(child, "exit");
      const told = boardMonotonic();
      child.kill(signal);
      expect((await board.logged(isSafe, told)).pid).toBe(child.pid);
      expect(await ended).toEqual([69, null]);
      expect((await board.truth()).power).toBe(false);
      expect([existsSync(place.configFile), existsSync(join(folder, "etc/setup-draft.json"))]).toEqual([false, true]);
    },
  );

  it("has it put back by a guard at a SIGKILL", async () => {
    const child = await meanwhile();
    const killed = boardMonotonic();
    child.kill("SIGKILL");
    const safe = await board.logged(isSafe, killed);
    expect(safe.pid).not.toBe(child.pid);
    expect(safe.monotonicMs - killed).toBeLessThan(3_000);
  });

  it("puts it back itself when the line to its terminal drops", async () => {
    await board.behave({});
    await cli(place, ["setup", "--from", await answersFile(simulated()), "--yes"]);
    const began = boardMonotonic();
    const terminal = at("vi");
    for (let step = 0; step < 3; step++) await terminal.answer(STEP_VI, "s");
    await terminal.answer(STEP_VI, "");
    await terminal.answer(/ngón tay.*: /, "c");
    await terminal.until(/Rơ-le nguồn có tách.*: /);
    const { pid } = await board.logged(isOn, began);
    const dropped = boardMonotonic();
    await terminal.kill();
    expect((await board.logged(isSafe, dropped)).pid).toBe(pid);
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5_000 }).toBe(false);
  });
});
