import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { freePort } from "../../support/processes/free-port.ts";
import { Mosquitto } from "../../support/processes/mosquitto.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();

async function retained(url: string, topic: string): Promise<string[]> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  const heard: string[] = [];
  client.on("message", (_topic, payload) => heard.push(payload.toString()));
  await client.subscribeAsync([topic, "fence"], { qos: 1 });
  const fence = new Promise<void>((resolve) => client.on("message", (name) => name === "fence" && resolve()));
  await client.publishAsync("fence", "fence", { qos: 1 });
  await fence;
  await client.endAsync();
  return heard.filter((text) => text !== "fence");
}

async function retain(url: string, topic: string, text: string): Promise<void> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  await client.publishAsync(topic, text, { qos: 1, retain: true });
  await client.endAsync();
}

describe("a private Mosquitto", () => {
  it("speaks MQTT 5 on the loopback and keeps retained messages over a restart on the same port", async () => {
    await using broker = await Mosquitto.start({ folder: join(folder, "a") });
    await retain(broker.url, "t", "một");
    expect(await retained(broker.url, "t")).toEqual(["một"]);
    const port = broker.port;
    await broker.restart();
    expect(broker.port).toBe(port);
    expect(await retained(broker.url, "t")).toEqual(["một"]);
    expect(await readFile(join(folder, "a", "mosquitto.conf"), "utf8")).toContain(`listener ${port} 127.0.0.1`);
  });

  it("forgets when it is wiped, which it refuses while it runs", async () => {
    await using broker = await Mosquitto.start({ folder: join(folder, "b") });
    await retain(broker.url, "t", "một");
    await expect(broker.wipe()).rejects.toThrow("stop the broker");
    await broker.stop();
    await broker.wipe();
    await broker.restart();
    expect(await retained(broker.url, "t")).toEqual([]);
  });

  it("is gone when stop has returned, also by SIGKILL", async () => {
    const broker = await Mosquitto.start({ folder: join(folder, "c") });
    const pid = broker.pid;
    expect(broker.isRunning()).toBe(true);
    await broker.stop("SIGKILL");
    expect(broker.isRunning()).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await broker.stop();
  });

  it("takes a fixed port, and says so when it is taken", async () => {
    const port = await freePort();
    await using broker = await Mosquitto.start({ folder: join(folder, "d"), port });
    expect(broker.port).toBe(port);
    await expect(Mosquitto.start({ folder: join(folder, "e"), port })).rejects.toThrow("Address already in use");
  });
});
