/** The running server as a process of the operating system. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import type { ServerCommand } from "./discovery";
import { OWN_GROUP, eachLine, killTree } from "./run";

/** How a server ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last thing it wrote to stderr. */
  readonly lastWords: string;
}

const DRAIN = 200;

export class ServerProcess {
  readonly ended: Promise<Ending>;
  private lastWords = "";

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, Readable>, log: (line: string) => void) {
    eachLine(child.stderr, (line) => {
      this.lastWords = line.trim() || this.lastWords;
      log(line);
    });
    this.ended = new Promise((resolve) =>
      child.once("exit", (code, signal) => {
        const end = (): void => resolve({ code, signal, lastWords: this.lastWords });
        child.once("close", end);
        // A child of the server may hold its stderr open.
        setTimeout(end, DRAIN).unref();
      }),
    );
  }

  /** Starts a server; rejects with the operating system's error where that is impossible. */
  static start(command: ServerCommand, cwd: string | undefined, log: (line: string) => void): Promise<ServerProcess> {
    return new Promise((resolve, reject) => {
      const child = spawn(command.program, command.args, {
        cwd,
        stdio: ["pipe", "pipe", "pipe"],
        detached: OWN_GROUP,
        windowsHide: true,
      });
      // Writing to a server that has just died is no news: `ended` tells.
      child.stdin.on("error", () => {});
      child.once("error", reject);
      child.once("spawn", () => resolve(new ServerProcess(child, log)));
    });
  }

  get input(): Writable {
    return this.child.stdin;
  }

  get output(): Readable {
    return this.child.stdout;
  }

  get id(): number | undefined {
    return this.child.pid;
  }

  /** Ends it: politely, by closing its input, and a second later by force, with all it has started. */
  async stop(patience = 1000): Promise<void> {
    this.child.stdin.end();
    const gone = this.ended.then(() => true);
    const isGone = await Promise.race([gone, new Promise<false>((resolve) => setTimeout(resolve, patience, false))]);
    killTree(this.child);
    if (!isGone) {
      await this.ended;
    }
  }

  /** Ends it at once. */
  kill(): void {
    killTree(this.child);
  }
}
