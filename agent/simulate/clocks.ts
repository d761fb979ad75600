/** The clocks that a simulated station is given besides its trusted one. */
import { MINUTE } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Boot } from "./world.ts";

/** The machine's own time before anybody vouches for it. */
export function asClock(boot: Boot): Clock {
  return {
    now: () => boot.now(),
    monotonic: () => boot.monotonic(),
    trust: () => "unknown",
    wait: (delay, signal) => boot.wait(delay, signal),
  };
}

/** The event pump polls; what it would look for comes with a kick, so a minute is soon enough. */
export function slower(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    trust: () => clock.trust(),
    wait: (delay, signal) => clock.wait(delay === 0 ? 0 : MINUTE, signal),
  };
}
