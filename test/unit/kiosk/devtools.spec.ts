import { describe, expect, it } from "vitest";
import { Devtools } from "../../../drivers/kiosk/devtools.ts";
import type { ChildTalk } from "../../../playback/ports/supervisor.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

/** A browser that answers as it is told, in whatever pieces. */
class Wire implements ChildTalk {
  readonly said: { readonly id: number; readonly method: string; readonly sessionId?: string }[] = [];
  readonly #chunks: Uint8Array[] = [];
  #wake = () => {};
  #over = false;
  /** Takes nothing any more. */
  full = false;

  say(bytes: Uint8Array): Promise<void> {
    if (this.full) return new Promise(() => {});
    const text = Buffer.from(bytes).toString("utf8");
    expect(text.endsWith("\0")).toBe(true);
    this.said.push(JSON.parse(text.slice(0, -1)));
    return Promise.resolve();
  }

  send(bytes: string | Uint8Array): void {
    this.#chunks.push(typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  readonly heard = this.#read();

  async *#read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#over) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

function talking() {
  const wire = new Wire();
  const clock = new VirtualClock(0);
  const events: string[] = [];
  const devtools = new Devtools(wire, { clock, onEvent: (method) => events.push(method) });
  return {
    wire,
    clock,
    events,
    devtools,
    failed: (asked: Promise<unknown>) => asked.catch((error: Error) => error.message),
  };
}

describe("a conversation with the browser", () => {
  it("joins answers to questions, in any order and in pieces", async () => {
    const { wire, clock, events, devtools } = talking();
    const first = devtools.ask("A", {}, 1_000);
    const second = devtools.ask("B", { x: 1 }, 1_000, "session");
    expect(wire.said).toMatchObject([{ method: "A" }, { method: "B", sessionId: "session", params: { x: 1 } }]);
    const text = Buffer.from(
      '{"id":2,"result":{"word":"Đài"}}\0{"method":"Event","params":{}}\0{"id":1,"result":{}}\0',
    );
    for (const byte of text) wire.send(Uint8Array.of(byte));
    await clock.advance(1);
    expect(await second).toEqual({ word: "Đài" });
    expect(await first).toEqual({});
    expect(events).toEqual(["Event"]);
  });

  it("ends every question: by a refusal, by its time, by the end of the browser", async () => {
    const { wire, clock, devtools, failed } = talking();
    const refused = failed(devtools.ask("A", {}, 1_000));
    wire.send('{"id":1,"error":{"code":-32000,"message":"No page"}}\0');
    expect(await refused).toBe("chromium: A: No page");
    const late = failed(devtools.ask("B", {}, 1_000));
    await clock.advance(1_000);
    expect(await late).toBe("chromium: B: no answer within 1000 ms");
    const cut = failed(devtools.ask("C", {}, 1_000));
    wire.end();
    expect(await cut).toBe("chromium: C: the browser is gone");
    expect(await failed(devtools.ask("D", {}, 1_000))).toBe("chromium: D: the browser is gone");
    await devtools.ended;
  });

  it("does not wait for a browser that takes nothing, nor for more than 32 answers", async () => {
    const { wire, clock, devtools, failed } = talking();
    wire.full = true;
    const stuck = Array.from({ length: 32 }, () => failed(devtools.ask("A", {}, 500)));
    expect(await failed(devtools.ask("A", {}, 500))).toBe("chromium: A: too many questions are open");
    await clock.advance(500);
    expect(new Set(await Promise.all(stuck))).toEqual(new Set(["chromium: A: no answer within 500 ms"]));
  });

  it("passes over answers to nobody, and ends at nonsense", async () => {
    const { wire, clock, devtools, failed } = talking();
    const asked = devtools.ask("A", {}, 60_000);
    wire.send('[]\0{"id":"1"}\0{"id":77,"result":{}}\0{"id":1,"result":7}\0');
    await clock.advance(1);
    expect(await asked).toEqual({});
    for (const nonsense of ["nonsense\0", "\0\0\0\0", "null\0", "7\0"]) {
      const other = talking();
      const cut = failed(other.devtools.ask("B", {}, 60_000));
      other.wire.send(nonsense);
      expect(await cut).toBe("chromium: B: the browser is gone");
    }
  });

  it("ends at a message without an end", async () => {
    const { wire, devtools, failed } = talking();
    const flooded = failed(devtools.ask("B", {}, 60_000));
    for (let megabyte = 0; megabyte < 66; megabyte++) wire.send(Buffer.alloc(2 ** 20, 0x20));
    expect(await flooded).toBe("chromium: B: the browser is gone");
  });
});
