/** From the configuration to a driver. */
import type { Millis } from "../../playback/model/units.ts";
import type { DisplayController } from "../../playback/ports/display-controller.ts";
import { type AmplifierConfig, createAmplifier } from "../amplifier/create.ts";
import { type Buses, DEFAULT_BUS_TIMES } from "../bus/bus.ts";
import type { LinkConfig } from "../bus/link.ts";
import type { Dialect } from "./dialect.ts";
import { Generic } from "./generic/generic.ts";
import type { GenericConfig } from "./generic/phrasebook.ts";
import { NOVASTAR_PORT } from "./novastar/frame.ts";
import { Novastar, type NovastarConfig } from "./novastar/novastar.ts";
import { ONBON_PORT } from "./onbon/frame.ts";
import { Onbon, type OnbonConfig } from "./onbon/onbon.ts";
import { PJLINK_PORT } from "./pjlink/messages.ts";
import { Pjlink, type PjlinkConfig } from "./pjlink/pjlink.ts";
import { ProtocolDisplay } from "./protocol-display.ts";
import { RelayDisplay } from "./relay.ts";

/** A relay as amplifiers have one; of its lines only `power`, `fault` and `sense` are of use. */
export type RelayConfig = Exclude<AmplifierConfig, { readonly kind: "none" }>;

interface Spoken {
  readonly link: LinkConfig;
  /** For each answer. Default 1 s. */
  readonly replyMs?: Millis | undefined;
  /** How long a report may lag behind what was taken. Default 500 ms; projectors want more. */
  readonly settleMs?: Millis | undefined;
  /** Silence between two exchanges. Default none. */
  readonly pauseMs?: Millis | undefined;
  /** The board's power, where the protocol has no switch for it. */
  readonly relay?: RelayConfig | undefined;
}

export type DisplayConfig =
  | (Spoken & { readonly kind: "novastar" } & NovastarConfig)
  | (Spoken & { readonly kind: "onbon" } & OnbonConfig)
  | (Spoken & { readonly kind: "pjlink" } & PjlinkConfig)
  | (Spoken & { readonly kind: "generic"; readonly words: GenericConfig })
  | { readonly kind: "relay"; readonly relay: RelayConfig };

const DEFAULT_SETTLE: Millis = 500;
const USUAL_PORTS = { novastar: NOVASTAR_PORT, onbon: ONBON_PORT, pjlink: PJLINK_PORT, generic: undefined } as const;

/**
 * Makes the driver; touches nothing before `open`. `buses`: one for all boards of this computer.
 * @throws SyntaxError, RangeError for a configuration that its check would have refused
 */
export function createDisplayController(name: string, config: DisplayConfig, buses: Buses): DisplayController {
  if (config.kind === "relay") return new RelayDisplay(name, createAmplifier({ name, ...config.relay }, buses), null);
  const { link, relay, settleMs = DEFAULT_SETTLE } = config;
  const { replyMs = DEFAULT_BUS_TIMES.replyMs, pauseMs = DEFAULT_BUS_TIMES.pauseMs } = config;
  const bus = buses.at(link, USUAL_PORTS[config.kind], { ...DEFAULT_BUS_TIMES, replyMs, pauseMs });
  const display = new ProtocolDisplay(name, bus, dialectOf(config), settleMs);
  return relay === undefined ? display : new RelayDisplay(name, createAmplifier({ name, ...relay }, buses), display);
}

function dialectOf(config: Exclude<DisplayConfig, { readonly kind: "relay" }>): Dialect {
  switch (config.kind) {
    case "novastar":
      return new Novastar(config);
    case "onbon":
      return new Onbon(config);
    case "pjlink":
      return new Pjlink(config);
    case "generic":
      return new Generic(config.words);
  }
}
