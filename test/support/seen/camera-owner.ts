/** Owns one camera of the address given, as the agent does, and says when its pictures arrive: a process of its own, so that it can be killed. */
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import { Cameras } from "../../../playback/board/camera/cameras.ts";
import { realClock } from "../sound/real-clock.ts";

const pin = { id: "camera", kind: "rtsp", url: process.argv[2] ?? "", hosts: [] } as const;
const cameras = new Cameras({ clock: realClock, supervisor: new ChildSupervisor(), pin: () => pin });
cameras.set(new Set(["camera"]));
let bytes = 0;
cameras.watch("camera", {
  bufferedAmount: 0,
  send(data) {
    if (bytes < 20_000 && typeof data !== "string") {
      bytes += data.length;
      if (bytes >= 20_000) process.stdout.write("pictures\n");
    }
  },
  close() {},
  on() {},
});
