/** Child processes: running one to its end, and ending one together with what it has started. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Hears every line of both streams. */
  readonly onLine?: (line: string) => void;
}

export interface Result {
  /** Null where the program did not start or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not start: ENOENT, EACCES, … */
  readonly error?: string;
  readonly timedOut: boolean;
}

export type Run = (program: string, args: readonly string[], options?: RunOptions) => Promise<Result>;

/** Children get a process group of their own, so that all they start can be ended with them. */
export const OWN_GROUP = process.platform !== "win32";

/** Runs a program to its end; never rejects. */
export const run: Run = (program, args, options = {}) =>
  new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    let error: string | undefined;
    let timedOut = false;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: OWN_GROUP,
      windowsHide: true,
    });
    const kill = (): void => killTree(child);
    const timer = options.timeout
      ? setTimeout(() => {
          timedOut = true;
          kill();
        }, options.timeout)
      : undefined;
    if (options.signal?.aborted) {
      kill();
    }
    options.signal?.addEventListener("abort", kill);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    if (options.onLine) {
      eachLine(child.stdout, options.onLine);
      eachLine(child.stderr, options.onLine);
    }
    child.on("error", (problem: NodeJS.ErrnoException) => (error = problem.code ?? problem.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", kill);
      resolve({ code: error === undefined ? code : null, stdout, stderr, error, timedOut });
    });
  });

/** Ends a process and its children at once. */
export function killTree(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined) {
    return;
  }
  if (OWN_GROUP) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // They are gone already.
    }
  } else {
    spawnSync("taskkill", ["/pid", String(child.pid), "/T", "/F"], { windowsHide: true });
  }
}

/** Calls back with every whole line of a stream, and with what is left at its end. */
export function eachLine(stream: NodeJS.ReadableStream, heard: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    lines.forEach(heard);
  });
  stream.on("end", () => {
    if (rest) {
      heard(rest);
    }
  });
}

/** The last line that says something: of a Python traceback, the exception. */
export function lastLine(text: string): string {
  return text.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? "";
}
