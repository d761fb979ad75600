/** Long-lived children (ffmpeg, later a browser and camera workers) are run by one supervisor, so that none outlives the agent. */
export interface ChildSpec {
  /** For the log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Descriptors handed on as 3, 4, …; the child opens them as `/proc/self/fd/3`. */
  readonly fds?: readonly number[];
  /** Its whole environment besides `PATH`; without this it inherits the agent's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, which then ends; without this it has none. At most 64 KiB. */
  readonly input?: string;
  /** It is talked to: it reads descriptor 3 and writes descriptor 4 (`Child.talk`). Not together with `fds`. */
  readonly talks?: boolean;
  /** How much it yields the processor to what sounds: 1 to 19 below the agent itself. */
  readonly nice?: number;
  /** It gets a process group of its own, and whatever is left of that is killed when it ends: for programs that start others. */
  readonly group?: boolean;
}

/** Both directions with a child that `talks`. */
export interface ChildTalk {
  /** Resolves when there is room for more, or nobody to take it. Never rejects. */
  say(bytes: Uint8Array): Promise<void>;
  /** With back-pressure; ends with the child. */
  readonly heard: AsyncIterable<Uint8Array>;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last 4 KiB of what it wrote to standard error. */
  readonly stderr: string;
}

export interface Child {
  readonly pid: number | undefined;
  /** Standard output, with back-pressure: what is not read is not produced. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** `null` for a child that does not talk. */
  readonly talk: ChildTalk | null;
  /** Resolves when the process is gone and its pipes are closed; a command that cannot be started gives code 127. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Asks with SIGTERM, after 2 s SIGKILL. Idempotent; resolves as `exited`. */
  stop(): Promise<ChildExit>;
  /** SIGKILL at once, for what has no state worth a farewell or does not answer. */
  kill(): Promise<ChildExit>;
}

export interface Supervisor {
  /** The kernel kills the child when the agent dies. */
  run(spec: ChildSpec): Child;
  /** Children alive now. */
  count(): number;
  stopAll(): Promise<void>;
}
