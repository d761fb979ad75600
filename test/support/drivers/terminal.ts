/** A serial line that is a pseudo-terminal; a process carries bytes between it and a port of the loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** Says the terminal's name. */
const BRIDGE = `
import os, pty, select, socket, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
print(os.ttyname(slave), flush=True)
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
while True:
    for ready in select.select([master, peer], [], [])[0]:
        data = os.read(master, 4096) if ready is master else peer.recv(4096)
        if not data: sys.exit(0)
        peer.sendall(data) if ready is master else os.write(master, data)
`;

/** Ends with the test. */
export async function terminal(port: number): Promise<{ readonly device: string; readonly bridge: ChildProcess }> {
  const bridge = spawn("python3", ["-c", BRIDGE, `${port}`], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void bridge.kill());
  const lines = createInterface({ input: bridge.stdout as NodeJS.ReadableStream });
  const [device] = (await once(lines, "line")) as [string];
  return { device, bridge };
}
