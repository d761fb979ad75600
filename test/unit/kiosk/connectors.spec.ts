import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bindable, readConnectors } from "../../../drivers/kiosk/connectors.ts";
import { chromiumFlags } from "../../../drivers/kiosk/flags.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";
import { DrmTree } from "../../support/kiosk/drm-tree.ts";

describe("connectors", () => {
  it("can be painted on where a screen is attached and its modes are known", async () => {
    const drm = new DrmTree(await temporaryFolder());
    await drm.set("HDMI-A-1", "connected", []);
    await drm.set("HDMI-A-2", "disconnected", []);
    await mkdir(join(drm.root, "card0"));
    await writeFile(join(drm.root, "version"), "drm 1.1.0\n");
    expect(bindable(await readConnectors(drm.root), null)).toBeNull();
    await drm.set("HDMI-A-2", "connected", ["1920x1080", "1920x1080", "1280x720", "720x480i", "rubbish"]);
    const found = bindable(await readConnectors(drm.root), null);
    expect(found).toEqual({
      ...{ name: "HDMI-A-2", connected: true },
      modes: [
        { width: 1_920, height: 1_080 },
        { width: 1_280, height: 720 },
        { width: 720, height: 480 },
      ],
    });
    expect(bindable(await readConnectors(drm.root), "HDMI-A-1")).toBeNull();
    await drm.set("HDMI-A-1", "connected", ["1024x768"]);
    expect(bindable(await readConnectors(drm.root), null)?.name).toBe("HDMI-A-1");
    expect(bindable(await readConnectors(drm.root), "HDMI-A-2")?.name).toBe("HDMI-A-2");
  });

  it("are none where the kernel has none, or takes them away while they are read", async () => {
    const drm = new DrmTree(await temporaryFolder());
    expect(await readConnectors(join(drm.root, "nowhere"))).toEqual([]);
    await drm.set("DP-1", "connected", ["800x600"]);
    await rm(join(drm.root, "card0-DP-1", "modes"));
    expect(bindable(await readConnectors(drm.root), null)).toBeNull();
  });
});

describe("Chromium's flags", () => {
  const choice = {
    mode: "cage",
    size: { width: 1_920, height: 1_080 },
    profile: "/run/x",
    memoryBytes: 4e9,
    sandbox: true,
  } as const;

  it("name no address, no port for others, and keep the sandbox but for root", () => {
    const flags = chromiumFlags(choice);
    expect(flags.filter((flag) => /remote-debugging-port|no-sandbox|headless/.test(flag))).toEqual([]);
    expect(flags.filter((flag) => !flag.startsWith("--"))).toEqual(["data:text/html,<html style=background:black>"]);
    expect(chromiumFlags({ ...choice, sandbox: false })).toContain("--no-sandbox");
  });

  it("save memory below 1.5 GiB", () => {
    expect(chromiumFlags(choice)).not.toContain("--enable-low-end-device-mode");
    expect(chromiumFlags({ ...choice, memoryBytes: 2 ** 30 })).toContain("--enable-low-end-device-mode");
  });
});
