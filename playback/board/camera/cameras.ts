/** The cameras that the scene shows, each received only while a page looks at it. Any other that is asked for does not exist. */
import type { LivePin } from "../../model/live.ts";
import { Camera, type CameraPorts, type Viewer } from "./camera.ts";

export interface CamerasPorts extends CameraPorts {
  /** An approved live source; `null` where none of that name is. */
  readonly pin: (id: string) => LivePin | null;
}

/** Regions that show the same camera share its page's one connection; a page that is loaded again may overlap itself. */
const MOST_VIEWERS = 4;

export class Cameras {
  readonly #ports: CamerasPorts;
  readonly #open = new Map<string, Camera>();
  #inScene: ReadonlySet<string> = new Set();
  #viewers = 0;

  constructor(ports: CamerasPorts) {
    this.#ports = ports;
  }

  /** Only these may be watched from now on; others end, and those that lead elsewhere by now. */
  set(pins: ReadonlySet<string>): void {
    this.#inScene = pins;
    for (const [pin, camera] of this.#open) {
      if (pins.has(pin) && camera.isOf(this.#rtsp(pin))) continue;
      this.#open.delete(pin);
      void camera.close();
    }
  }

  has(pin: string): boolean {
    return this.#inScene.has(pin) && this.#viewers < MOST_VIEWERS * this.#inScene.size && this.#rtsp(pin) !== null;
  }

  /** What the camera gives, as MPEG-1 in a transport stream, until the viewer goes. */
  watch(pin: string, viewer: Viewer): void {
    const found = this.#rtsp(pin);
    if (found === null) {
      viewer.close();
      return;
    }
    const camera = this.#open.get(pin) ?? new Camera(found, this.#ports);
    this.#open.set(pin, camera);
    this.#viewers += 1;
    viewer.on("close", () => {
      this.#viewers -= 1;
    });
    camera.watch(viewer);
  }

  async close(): Promise<void> {
    const cameras = [...this.#open.values()];
    this.#open.clear();
    this.#inScene = new Set();
    await Promise.all(cameras.map((camera) => camera.close()));
  }

  #rtsp(id: string): LivePin | null {
    const pin = this.#ports.pin(id);
    return pin?.kind === "rtsp" ? pin : null;
  }
}
