/**
 * Three NATS servers with JetStream and their MQTT gateway, as one cluster on the loopback: an existing distributed broker that a province may
 * have. Debian's version speaks MQTT 3.1.1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { freePort } from "./free-port.ts";

const NODES = 3;
const START_TIMEOUT_MS = 30_000;
const MESSAGES = "$MQTT_msgs";
const stream = z.object({ name: z.string(), cluster: z.object({ leader: z.string() }) });
const streams = z.object({ account_details: z.array(z.object({ stream_detail: z.array(stream) })) });

interface Node {
  readonly name: string;
  readonly mqtt: number;
  readonly monitor: number;
  readonly file: string;
  child: ChildProcess | null;
}

export class NatsCluster {
  readonly #nodes: readonly Node[];
  readonly #log: string[] = [];

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  /** Resolves when every gateway takes connections and JetStream has a leader. */
  static async start(folder: string): Promise<NatsCluster> {
    const ports = await Promise.all(
      Array.from({ length: NODES }, async () => ({
        client: await freePort(),
        route: await freePort(),
        mqtt: await freePort(),
        monitor: await freePort(),
      })),
    );
    const routes = ports.map(({ route }) => `nats-route://127.0.0.1:${route}`);
    const nodes = await Promise.all(
      ports.map(async ({ client, route, mqtt, monitor }, n) => {
        const home = join(folder, `nats-${n}`);
        await mkdir(home, { recursive: true });
        const file = join(home, "nats.conf");
        const lines = [
          `server_name: loa-${n}`,
          `listen: 127.0.0.1:${client}`,
          `http: 127.0.0.1:${monitor}`,
          `jetstream { store_dir: ${JSON.stringify(join(home, "store"))} }`,
          `cluster { name: loa, listen: 127.0.0.1:${route}, routes: [${routes.join(", ")}] }`,
          `mqtt { host: 127.0.0.1, port: ${mqtt}, stream_replicas: ${NODES} }`,
        ];
        await writeFile(file, `${lines.join("\n")}\n`);
        return { name: `loa-${n}`, mqtt, monitor, file, child: null };
      }),
    );
    const cluster = new NatsCluster(nodes);
    for (const node of nodes) cluster.#launch(node);
    await Promise.all(nodes.map((node) => cluster.#ready(node)));
    return cluster;
  }

  get urls(): string[] {
    return this.#nodes.map(({ mqtt }) => `mqtt://127.0.0.1:${mqtt}`);
  }

  /** The node that leads the stream of all messages: killed, nothing can be published until another one is elected. */
  async leader(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.#node(0).monitor}/jsz?streams=1`);
    const { account_details } = streams.parse(await answer.json());
    const found = account_details.flatMap(({ stream_detail }) => stream_detail).find(({ name }) => name === MESSAGES);
    const n = this.#nodes.findIndex(({ name }) => name === found?.cluster.leader);
    if (n < 0) throw new Error(`nobody leads ${MESSAGES}`);
    return n;
  }

  /** A power cut of one node. */
  async kill(n: number): Promise<void> {
    const node = this.#node(n);
    const { child } = node;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    node.child = null;
  }

  async revive(n: number): Promise<void> {
    const node = this.#node(n);
    this.#launch(node);
    await this.#ready(node);
  }

  async stop(): Promise<void> {
    for (const n of this.#nodes.keys()) await this.kill(n);
  }

  #node(n: number): Node {
    const node = this.#nodes[n];
    if (node === undefined) throw new Error(`the cluster has ${NODES} nodes`);
    return node;
  }

  #launch(node: Node): void {
    const child = spawn("nats-server", ["-c", node.file], { stdio: ["ignore", "ignore", "pipe"] });
    node.child = child;
    const killWithUs = () => child.kill("SIGKILL");
    process.once("exit", killWithUs);
    child.once("exit", () => process.off("exit", killWithUs));
    child.stderr.on("data", (chunk: Buffer) => this.#log.push(chunk.toString("utf8")));
    child.once("error", (error) => this.#log.push(error.message));
  }

  async #ready(node: Node): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if ((await answers(node.mqtt)) && this.#log.join("").includes("JetStream cluster new metadata leader")) return;
      await sleep(100);
    }
    throw new Error(`${node.name} did not start:\n${this.#log.join("").slice(-2_000)}`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
