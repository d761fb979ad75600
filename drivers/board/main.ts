/** `node drivers/board/main.ts --socket PATH --log FILE`: the simulated board. Says `ready` on standard output; ends with SIGTERM or SIGINT. */
import { parseArgs } from "node:util";
import { SimulatedBoard } from "./simulated-board.ts";

const { values } = parseArgs({ options: { socket: { type: "string" }, log: { type: "string" } } });
if (values.socket === undefined || values.log === undefined) {
  process.stderr.write("usage: main --socket PATH --log FILE\n");
  process.exit(2);
}
const board = await SimulatedBoard.start(values.socket, values.log);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void board.stop().then(() => process.exit(0)));
}
process.stdout.write("ready\n");
