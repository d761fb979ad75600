/** How Chromium is started, flag by flag, with the reason of each. Pure. */
import type { Size } from "../../playback/model/board.ts";

export interface FlagChoice {
  readonly mode: "cage" | "headless";
  readonly size: Size;
  /** Folder of its own for this run. */
  readonly profile: string;
  readonly memoryBytes: number;
  /** Chromium refuses to run as root with its sandbox. */
  readonly sandbox: boolean;
}

/** Below this Chromium is asked to save. Source: Anthias, which does so below 1.5 GiB. */
const LOW_MEMORY = 1.5 * 2 ** 30;

const EMPTY_PAGE = "data:text/html,<html style=background:black>";

/** Nobody listens there: what is not for the page's own server ends at once. */
const NOWHERE = "http://127.0.0.1:9";

export function chromiumFlags({ mode, size, profile, memoryBytes, sandbox }: FlagChoice): readonly string[] {
  return [
    // Talked to over descriptors 3 and 4, never over a port that others could reach.
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    // Full screen, without anything of a browser around it.
    "--kiosk",
    ...(mode === "headless"
      ? ["--headless", `--screen-info={${size.width}x${size.height}}`, "--disable-gpu", "--hide-scrollbars"]
      : ["--ozone-platform=wayland"]),
    ...(sandbox ? [] : ["--no-sandbox"]),
    // Nothing leaves this computer: no name is resolved, no address but the page's own is reached, by no protocol.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    `--proxy-server=${NOWHERE}`,
    "--proxy-bypass-list=<-loopback>;127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    // Nothing asks anybody anything: nobody stands before the board with a mouse.
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--disable-infobars",
    "--disable-session-crashed-bubble",
    "--disable-extensions",
    "--disable-print-preview",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
    // What a page that nobody touches may do: play, and not be put to sleep.
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-hang-monitor",
    // The horns are the sound engine's.
    "--mute-audio",
    // The profile stays small: what is shown comes from the station's own cache anyway.
    "--disk-cache-size=1048576",
    "--media-cache-size=1048576",
    "--disable-breakpad",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,InterestFeedContentSuggestions",
    ...(memoryBytes < LOW_MEMORY
      ? ["--enable-low-end-device-mode", "--renderer-process-limit=1", "--disable-site-isolation-trials"]
      : []),
    // The page's address holds its key, and command lines can be read by everybody: it is opened over the pipe. Until then it is dark.
    EMPTY_PAGE,
  ];
}
