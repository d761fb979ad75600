/** A page on the loopback that says that it lives, and that can be told to throw, to hang, or to turn another colour. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What the page is told with its next word. */
type Order = "go on" | "throw" | "hang" | `ask ${string}`;

export interface TestPage {
  readonly url: string;
  /** Words heard of the page so far, and loads of it. */
  readonly heard: number;
  readonly loads: number;
  /** The last that it was asked to say. */
  readonly said: string;
  onWord(listener: () => void): void;
  /** Once, to the page that speaks next. */
  order(what: Order): void;
}

const PAGE = `<!doctype html><meta charset="utf-8"><style>html{background:#c00}body{margin:0;color:#fff;font:40px sans-serif}</style>
<body>Đài truyền thanh<script>
  let word = "";
  const timer = setInterval(async () => {
    const order = await (await fetch("/alive", { method: "POST", body: word })).text();
    if (order.startsWith("ask ")) word = "asked: " + (await fetch(order.slice(4)).then(() => "answered", String));
    if (order === "hang") while (true);
    if (order === "throw") { clearInterval(timer); throw new Error("a script error"); }
  }, 200);
</script>`;

export async function testPage(host = "127.0.0.1"): Promise<TestPage> {
  let said = "";
  let heard = 0;
  let loads = 0;
  let next: Order = "go on";
  const listeners: (() => void)[] = [];
  const server: Server = createServer((request, response) => {
    if (request.method !== "POST") {
      loads += 1;
      response.setHeader("content-type", "text/html").end(PAGE);
      return;
    }
    heard += 1;
    request.setEncoding("utf8").on("data", (word: string) => {
      said = word;
    });
    for (const listener of listeners) listener();
    response.end(next);
    next = "go on";
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    get heard() {
      return heard;
    },
    get said() {
      return said;
    },
    get loads() {
      return loads;
    },
    onWord: (listener) => void listeners.push(listener),
    order(what) {
      next = what;
    },
  };
}
