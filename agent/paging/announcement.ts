/**
 * A page: somebody on the spot speaks into the station's own microphone. A signed configuration allows it and sets its bounds; who speaks is
 * written down. Pure.
 */
import type { Announcement } from "../../playback/model/announcement.ts";
import type { Instant } from "../../playback/model/units.ts";
import { SECOND } from "../../playback/model/units.ts";
import type { ReadLayer } from "../config/read-layers.ts";
import { nearestSigned, type SignedPolicy } from "../config/signed-policy.ts";
import type { ConfigBody } from "../contract/config.ts";
import { LOCAL_ISSUER } from "../local-alert.ts";

type PagePolicy = NonNullable<ConfigBody["policy"]["page"]>;

const CHIME = 1.2 * SECOND;
/** A page stands this much longer than it may be spoken: time for the microphone to open and the amplifier to settle. */
const SETTING_UP = 30 * SECOND;

/** The nearest signed layer that allows pages; a technician's own layer never does. */
export function pagePolicy(layers: readonly ReadLayer[]): SignedPolicy<PagePolicy> | null {
  return nearestSigned(layers, ({ page }) => page);
}

/** `mark` tells two of the same time apart, as for an alert that is raised on the spot. */
function pageId(at: Instant, mark: string): string {
  return `page-${new Date(at).toISOString().replace(/[-:.]/g, "")}-${mark}`;
}

/** A chime, then the microphone. */
export function pageAnnouncement(
  { policy, address, sha256 }: SignedPolicy<PagePolicy>,
  at: Instant,
  by: string,
  mark: string,
): Announcement {
  const { longestMs, endAfterSilenceMs, volume, duck } = policy;
  const title = `page: ${by}`;
  return {
    ...{ id: pageId(at, mark), title, by, volume, duck, outputs: [], longestMs: longestMs + SETTING_UP },
    items: [
      { kind: "tone", id: "chime", title: "chime", tone: "chime", durationMs: CHIME },
      { kind: "microphone", id: "microphone", title, longestMs, endAfterSilenceMs },
    ],
    origin: { issuer: LOCAL_ISSUER, adoptedAt: at, address, documentSha256: sha256, keys: [] },
  };
}
