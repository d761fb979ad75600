/**
 * The page of a board. It is told by the station what its faces show and says back what it painted: after every change when two frames have
 * passed, and once a second. Both are said from the frame loop, so a page that does not paint does not answer.
 */
import { BoardView } from "./board-view.ts";
import { Connection } from "./connection.ts";
import { StationTime } from "./station-time.ts";

const HEARTBEAT_MS = 1_000;
/** What was changed in one frame is presented when the second after it begins. */
const PRESENTED_AFTER = 2;

const time = new StationTime();
const board = new BoardView(document.body);
const connection = new Connection((message) => {
  time.set(message.now);
  if (message.kind === "scene") board.show(message.scene);
});

let frames = 0;
let before = performance.now();
let worst = 0;
let reportedAt = Number.NEGATIVE_INFINITY;
let changedAt: number | null = null;

function frame(steady: number): void {
  requestAnimationFrame(frame);
  frames += 1;
  worst = Math.max(worst, steady - before);
  before = steady;
  const now = time.at(steady);
  if (now === null) return;
  if (board.frame(steady, now)) changedAt = frames;
  const presented = changedAt !== null && frames - changedAt >= PRESENTED_AFTER;
  if (!presented && steady - reportedAt < HEARTBEAT_MS) return;
  if (presented) changedAt = null;
  reportedAt = steady;
  connection.say({
    kind: "report",
    paintedAt: now,
    revision: board.revision,
    frames,
    worstFrameMs: Math.max(0, worst),
    faces: board.seen(),
  });
  worst = 0;
}
requestAnimationFrame(frame);
