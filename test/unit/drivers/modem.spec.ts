/** The modem through a program that stands for `mmcli` and answers as ModemManager 1.20 does. */
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Modem } from "../../../drivers/host/modem.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";

const MODEM = "/org/freedesktop/ModemManager1/Modem/0";
const BEARER = "/org/freedesktop/ModemManager1/Bearer/1";
const ANSWERS = {
  "-L": { "modem-list": [MODEM] },
  [`-m ${MODEM}`]: {
    modem: {
      "3gpp": { "operator-name": "Viettel", "registration-state": "home" },
      generic: {
        ...{ "access-technologies": ["lte"], bearers: [BEARER], state: "connected" },
        ...{ sim: "/org/freedesktop/ModemManager1/SIM/0", "signal-quality": { recent: "yes", value: "67" } },
      },
    },
  },
  [`-b ${BEARER}`]: {
    bearer: { properties: { apn: "v-internet" }, stats: { "bytes-rx": "18231", "bytes-tx": "4410", duration: "60" } },
  },
};

async function mmcli(answers: Readonly<Record<string, unknown>>, before = ""): Promise<{ path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, "mmcli");
  const cases = Object.entries(answers).map(
    ([args, answer]) => `'-J ${args}') cat <<'X'\n${JSON.stringify(answer)}\nX\n;;`,
  );
  await writeFile(path, `#!/bin/sh\n${before}\ncase "$*" in\n${cases.join("\n")}\n*) exit 1;;\nesac\n`);
  await chmod(path, 0o755);
  return { path };
}

describe("the modem", () => {
  it("says its SIM, operator, signal, access point and what it carried", async () => {
    const { path } = await mmcli(ANSWERS);
    expect(await new Modem({ mmcli: path }).read()).toEqual({
      ...{ state: "connected", operator: "Viettel", access: "lte", signalPercent: 67, simPresent: true },
      ...{ apn: "v-internet", received: 18_231, sent: 4_410 },
    });
  });

  it("without a SIM and without a connection says so", async () => {
    const generic = { bearers: [], state: "failed", sim: "--", "signal-quality": { value: "--" } };
    const { path } = await mmcli({ ...ANSWERS, [`-m ${MODEM}`]: { modem: { generic } } });
    expect(await new Modem({ mmcli: path }).read()).toEqual({
      ...{ state: "failed", operator: null, access: null, signalPercent: null, simPresent: false },
      ...{ apn: null, received: null, sent: null },
    });
  });

  it.each([
    ["no modem", { "-L": { "modem-list": [] } }, ""],
    ["a manager that is not running", {}, ""],
    ["rubbish", { "-L": "rubbish" }, ""],
    ["a manager that hangs", ANSWERS, "exec sleep 30"],
  ])("%s is a modem not known", async (_, answers, before) => {
    const { path } = await mmcli(answers, before);
    expect(await new Modem({ mmcli: path, timeoutMs: before === "" ? 2_000 : 200 }).read()).toBeNull();
  });

  it("where mmcli is not installed nobody is asked for ten minutes", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "mmcli");
    let now = 0;
    const modem = new Modem({ mmcli: path, monotonic: () => now });
    expect(await modem.read()).toBeNull();
    await copyFile((await mmcli(ANSWERS)).path, path);
    now = 599_000;
    expect(await modem.read()).toBeNull();
    now = 600_000;
    expect(await modem.read()).toMatchObject({ operator: "Viettel" });
  });
});
