/** One contract over every controller of boards, each on its simulated twin; relays on the simulated board's process. */
import { describe, it } from "vitest";
import { Buses } from "../../drivers/bus/bus.ts";
import { createDisplayController } from "../../drivers/display/create.ts";
import { SimulatedGeneric } from "../../drivers/display/generic/simulated-generic.ts";
import { SimulatedNovastar } from "../../drivers/display/novastar/simulated-novastar.ts";
import { SimulatedOnbon } from "../../drivers/display/onbon/simulated-onbon.ts";
import { SimulatedPjlink } from "../../drivers/display/pjlink/simulated-pjlink.ts";
import { LG, SAMSUNG_MDC, TCP_TROUBLES, tcpBench } from "../support/drivers/display-benches.ts";
import { type DisplayBench, displayContractFor } from "../support/drivers/display-contract.ts";
import { startedBoard } from "../support/drivers/temporary.ts";

const WITH_CHECKSUMS = [...TCP_TROUBLES, "badChecksum"] as const;

describe("a NovaStar wall with two ports", () => {
  it.each(displayContractFor(WITH_CHECKSUMS))("$name", async ({ run }) =>
    run(await tcpBench(new SimulatedNovastar(2), { kind: "novastar", ports: 2 })),
  );
});

describe.each([
  { card: "6q", colours: 1 },
  { card: "6e", colours: 2 },
  { card: "5e", colours: 1 },
] as const)("an Onbon board with a $card card", (card) => {
  const board = { ...card, width: 64, height: 32 };
  it.each(displayContractFor(WITH_CHECKSUMS))("$name", async ({ run }) =>
    run(await tcpBench(new SimulatedOnbon(board), { kind: "onbon", ...board })),
  );
});

describe.each([null, "JBMIAProjectorLink"])("a PJLink display with the password %s", (password) => {
  it.each(displayContractFor(TCP_TROUBLES))("$name", async ({ run }) =>
    run(await tcpBench(new SimulatedPjlink(password), { kind: "pjlink", password: password ?? undefined })),
  );
});

describe("a Samsung display described by words", () => {
  const refusal = Buffer.from("AAFF00034E110162", "hex");
  it.each(displayContractFor(WITH_CHECKSUMS))("$name", async ({ run }) =>
    run(await tcpBench(new SimulatedGeneric(SAMSUNG_MDC, refusal), { kind: "generic", words: SAMSUNG_MDC })),
  );
});

describe("an LG display described by words", () => {
  it.each(displayContractFor(TCP_TROUBLES))("$name", async ({ run }) =>
    run(await tcpBench(new SimulatedGeneric(LG, Buffer.from("a 01 NG00x")), { kind: "generic", words: LG })),
  );
});

describe("a relay", () => {
  async function relay(): Promise<DisplayBench> {
    const board = await startedBoard();
    const wired = { kind: "simulated", name: "amplifier", socket: board.socket } as const;
    return {
      controller: () => createDisplayController("board-1", { kind: "relay", relay: wired }, new Buses()),
      truth: async () => ({ power: (await board.truth()).power, brightness: null, blank: null, pattern: null }),
      async cause(trouble) {
        if (trouble === "absent") return board.stop();
        if (trouble === "well" && !board.isRunning) return board.start();
        await board.behave(trouble === "slow" ? { slowMs: 100 } : trouble === "lying" ? { lying: true } : {});
      },
    };
  }
  it.each(displayContractFor(["absent", "slow", "lying"]))("$name", async ({ run }) => run(await relay()));
});
