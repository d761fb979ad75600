import { describe, it } from "vitest";
import { SimulatedKiosk } from "../../drivers/kiosk/simulated-kiosk.ts";
import { KIOSK_CONTRACT } from "../support/kiosk/kiosk-contract.ts";
import { realClock } from "../support/sound/real-clock.ts";

describe.concurrent("a simulated kiosk", () => {
  it.each(KIOSK_CONTRACT.map(({ name, run }) => [name, run] as const))("%s", async (_, run) => {
    const kiosk = new SimulatedKiosk({ width: 640, height: 360 }, realClock);
    await run({
      kiosk,
      url: "http://127.0.0.1:9/",
      cause: async (trouble) =>
        kiosk.behave({ absent: trouble === "absent", freezing: trouble === "hangs" ? "hangs" : "no" }),
    });
  });
});
