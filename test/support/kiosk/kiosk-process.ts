/** An agent that does nothing but keep a browser, to be killed. Prints a line when the browser runs. Argument: its folder. */
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { ChromiumKiosk } from "../../../drivers/kiosk/chromium-kiosk.ts";
import { realClock } from "../sound/real-clock.ts";

const [folder = ""] = process.argv.slice(2);
const supervisor = new ChildSupervisor();
const kiosk = new ChromiumKiosk(
  {
    ...{ mode: "headless", chromium: "/usr/bin/chromium", cage: "/usr/bin/cage", size: { width: 640, height: 360 } },
    ...{ connector: null, drmRoot: null, folder, memoryBytes: 4e9, sandbox: process.getuid?.() !== 0 },
  },
  { clock: realClock, supervisor },
);
void kiosk.run("data:text/html,<p>", new AbortController().signal);
const timer = setInterval(async () => {
  if (!("png" in (await kiosk.screenshot(1_000)))) return;
  clearInterval(timer);
  process.stdout.write("running\n");
}, 100);
