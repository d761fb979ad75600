/** A kiosk under cage on a screen that is only in memory, for tests; says a line of JSON for each event and its first picture. Argument: its folder. */
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { ChromiumKiosk } from "../../../drivers/kiosk/chromium-kiosk.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { realClock } from "../sound/real-clock.ts";

const [folder = ""] = process.argv.slice(2);
const kiosk = new ChromiumKiosk(
  {
    ...{ mode: "cage", chromium: "/usr/bin/chromium", cage: "/usr/bin/cage", size: { width: 1_280, height: 720 } },
    ...{ connector: null, drmRoot: null, folder, memoryBytes: 4e9, sandbox: false },
    env: { WLR_BACKENDS: "headless", WLR_RENDERER: "pixman", WLR_LIBINPUT_NO_DEVICES: "1" },
  },
  { clock: realClock, supervisor: new ChildSupervisor() },
);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
kiosk.onEvent(({ kind, detail }) => say({ event: kind, detail }));
void kiosk.run("data:text/html,<p>Xin chào", new AbortController().signal);
let pictured = false;
// This page says nothing by itself: what answers is taken for its word.
setInterval(async () => {
  const picture = await kiosk.screenshot(2_000);
  if (isRefusal(picture)) return;
  kiosk.alive();
  if (!pictured) say({ picture: `${picture.size.width}×${picture.size.height}` });
  pictured = true;
}, 500);
