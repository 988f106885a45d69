/** Where is the server? Knows nothing of VS Code, so that it can be tested without one. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import * as path from "node:path";

import { Problem } from "./problem";
import { type Run, lastLine } from "./run";

/** Who says where a server is; the next step after a failure depends on it. */
export type Origin = "setting" | "environment" | "path" | "own";

/** How to start a server. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly origin: Origin;
}

/** A server that was found but does not run, with the reason. */
export interface Rejection {
  readonly program: string;
  readonly reason: string;
}

/** Where to look. */
export interface Places {
  /** The settings `promptls.server.command` and `promptls.server.path`. */
  readonly command: readonly string[];
  readonly path: string;
  /** The workspace's folders on disk. */
  readonly folders: readonly string[];
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** The interpreter that is chosen for the workspace, where something knows it. */
  readonly interpreter: () => Promise<string | undefined>;
  /** The server in the extension's own storage. */
  readonly own: () => Promise<ServerCommand | undefined>;
}

export interface Discovery {
  readonly server: ServerCommand | undefined;
  readonly rejected: readonly Rejection[];
}

const VERSION_TIMEOUT = 15_000;
const ENVIRONMENTS = [".venv", "venv"];

/**
 * The first server that runs: of the settings, the workspace's Python environment, PATH, the extension's own.
 *
 * Throws a `Problem` where a setting names something that is not there: falling back silently would hide the mistake.
 */
export async function findServer(places: Places, run: Run): Promise<Discovery> {
  const [program, ...args] = places.command;
  if (program) {
    return { server: { program: expand(program, places), args, origin: "setting" }, rejected: [] };
  }
  if (places.path) {
    return { server: await fromPathSetting(places), rejected: [] };
  }
  const rejected: Rejection[] = [];
  const seen = new Set<string>();
  for await (const { program, origin } of candidates(places)) {
    if (seen.has(program)) {
      continue;
    }
    seen.add(program);
    const reason = await whyNot(program, run);
    if (reason === undefined) {
      return { server: { program, args: ["serve", "--stdio"], origin }, rejected };
    }
    rejected.push({ program, reason });
  }
  return { server: await places.own(), rejected };
}

async function fromPathSetting(places: Places): Promise<ServerCommand> {
  const program = expand(places.path, places);
  if (!(await isProgram(program))) {
    throw new Problem(
      `The setting promptls.server.path names ${program}, which is not a program that can be run. ` +
        "Correct the setting, or clear it to let the extension look for the server.",
      ["settings"],
    );
  }
  return { program, args: ["serve", "--stdio"], origin: "setting" };
}

/** `~`, `${workspaceFolder}` and `${env:NAME}` become what they stand for; a relative path counts from the workspace. */
function expand(text: string, places: Places): string {
  const folder = places.folders[0] ?? places.home;
  const whole = text
    .replace(/^~(?=$|[\\/])/, places.home)
    .replace(/\$\{(workspaceFolder|userHome|env:([^}]+))\}/g, (_, name: string, variable: string | undefined) =>
      variable ? (places.env[variable] ?? "") : name === "userHome" ? places.home : folder,
    );
  return /[\\/]/.test(whole) ? path.resolve(folder, whole) : whole;
}

interface Candidate {
  readonly program: string;
  readonly origin: Origin;
}

async function* candidates(places: Places): AsyncGenerator<Candidate> {
  const names = places.platform === "win32" ? ["promptls.exe", path.join("Scripts", "promptls.exe")] : ["promptls"];
  const bin = places.platform === "win32" ? "Scripts" : "bin";
  const interpreter = await places.interpreter();
  const folders = [
    ...(interpreter ? [path.dirname(interpreter)] : []),
    ...places.folders.flatMap((folder) => ENVIRONMENTS.map((name) => path.join(folder, name, bin))),
  ];
  for (const folder of folders) {
    for (const name of names) {
      const program = path.join(folder, name);
      if (await isProgram(program)) {
        yield { program, origin: "environment" };
      }
    }
  }
  const separator = places.platform === "win32" ? ";" : ":";
  for (const folder of (places.env["PATH"] ?? places.env["Path"] ?? "").split(separator)) {
    // An empty or relative entry would mean the current folder, which may be anybody's.
    if (path.isAbsolute(folder)) {
      const program = path.join(folder, names[0]!);
      if (await isProgram(program)) {
        yield { program, origin: "path" };
      }
    }
  }
}

async function whyNot(program: string, run: Run): Promise<string | undefined> {
  const result = await run(program, ["--version"], { timeout: VERSION_TIMEOUT });
  if (result.code === 0 && /^promptls \d/.test(result.stdout)) {
    return undefined;
  }
  if (result.timedOut) {
    return `it did not say its version within ${VERSION_TIMEOUT / 1000} seconds`;
  }
  return result.error ?? (lastLine(result.stderr) || `it ended with code ${result.code} instead of saying its version`);
}

/** Whether there is a file that may be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** What to say when there is no server. */
export function nothingFound(rejected: readonly Rejection[]): Problem {
  const [first] = rejected;
  return first
    ? new Problem(
        `promptls is there, but does not run: ${first.program} (${first.reason}). ` +
          "Reinstall it there, or let the extension install a server of its own.",
        ["install", "output"],
      )
    : new Problem(
        "The promptls server is not installed. The extension can install it for itself; it needs Python 3.11 or newer.",
        ["install", "settings"],
      );
}
