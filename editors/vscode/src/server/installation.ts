/**
 * The server in the extension's own storage: a virtual environment with the wheel that the extension carries.
 *
 * Each installation has a folder of its own, and a small file names the one in use. So one that is broken off leaves
 * nothing that looks whole, an upgrade does not disturb a server that runs, and two windows cannot spoil each other's.
 */

import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import * as path from "node:path";

import { type ServerCommand, isProgram } from "./discovery";
import { Cancelled, Problem } from "./problem";
import { findPython } from "./python";
import { type Result, type Run, lastLine } from "./run";

/** What the extension carries, as `bundle.json` beside the wheel says it. */
export interface Bundle {
  readonly folder: string;
  readonly version: string;
  readonly wheel: string;
  readonly requirements: string;
  /** Tells two builds of one version apart. */
  readonly digest: string;
}

interface Current {
  readonly folder: string;
  readonly version: string;
  readonly digest: string;
}

export interface Progress {
  report(step: string): void;
}

export interface InstallOptions {
  /** Interpreters to try before the usual ones. */
  readonly pythons: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const CURRENT = "current.json";
const PREFIX = "server-";
const VENV_TIMEOUT = 120_000;
const PIP_TIMEOUT = 15 * 60_000;
const UNUSED_DAYS = 7;

/** Reads what the extension carries; undefined in a build without a wheel. */
export async function readBundle(folder: string): Promise<Bundle | undefined> {
  try {
    const { version, wheel, requirements, digest } = JSON.parse(
      await readFile(path.join(folder, "bundle.json"), "utf8"),
    ) as Bundle;
    await stat(path.join(folder, wheel));
    return { folder, version, wheel, requirements, digest };
  } catch {
    return undefined;
  }
}

export class Installation {
  constructor(
    private readonly storage: string,
    private readonly bundle: Bundle | undefined,
    private readonly run: Run,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** How to start what is installed; undefined where nothing is, or no longer. */
  async command(): Promise<ServerCommand | undefined> {
    const current = await this.current();
    if (!current) {
      return undefined;
    }
    const folder = path.join(this.storage, current.folder);
    const program = this.python(folder);
    if (!(await isProgram(program))) {
      return undefined;
    }
    const now = new Date();
    await utimes(folder, now, now).catch(() => {});
    return { program, args: ["-I", "-m", "promptls", "serve", "--stdio"], origin: "own" };
  }

  /** Whether the extension carries something newer than what is installed. */
  async isOutdated(): Promise<boolean> {
    const current = await this.current();
    return (
      current !== undefined &&
      this.bundle !== undefined &&
      current.digest !== this.bundle.digest &&
      compareVersions(this.bundle.version, current.version) >= 0
    );
  }

  /**
   * Installs what the extension carries and makes it the one in use.
   *
   * Throws a `Problem` with the next step, or `Cancelled`; either way what was in use stays.
   */
  async install(options: InstallOptions): Promise<void> {
    const { bundle } = this;
    if (!bundle) {
      throw new Problem(
        "This build of the extension carries no server. Install one with `pip install promptls`, or name one in the " +
          "setting promptls.server.path.",
        ["settings"],
      );
    }
    options.progress.report("looking for Python");
    const python = await findPython(options.pythons, this.platform, this.run, options.log);
    stopIfCancelled(options.signal);
    const name = `${PREFIX}${bundle.version}-${randomBytes(4).toString("hex")}`;
    const folder = path.join(this.storage, name);
    await this.makeFolder(folder);
    try {
      await this.fill(folder, python, bundle, options);
      await this.use({ folder: name, version: bundle.version, digest: bundle.digest });
    } catch (error) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
    await this.tidy(name);
  }

  private async fill(folder: string, python: string, bundle: Bundle, options: InstallOptions): Promise<void> {
    const { signal, log, progress } = options;
    const own = this.python(folder);
    const pip = ["-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--no-warn-script-location"];
    const step = async (program: string, args: string[], timeout: number, onLine = log): Promise<void> => {
      log(`> ${[program, ...args].join(" ")}`);
      const result = await this.run(program, args, { timeout, signal, onLine, env: cleanEnvironment() });
      stopIfCancelled(signal);
      if (result.code !== 0) {
        throw installProblem(result, this.storage);
      }
    };
    progress.report("making a Python environment");
    await step(python, ["-I", "-m", "venv", folder], VENV_TIMEOUT);
    progress.report("downloading packages");
    const requirements = path.join(bundle.folder, bundle.requirements);
    await step(own, [...pip, "--require-hashes", "--requirement", requirements], PIP_TIMEOUT, (line) => {
      log(line);
      const [, name] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
      if (name) {
        progress.report(name);
      } else if (line.startsWith("Installing collected packages")) {
        progress.report("installing packages");
      }
    });
    progress.report(`installing promptls ${bundle.version}`);
    await step(own, [...pip, "--no-deps", "--no-index", path.join(bundle.folder, bundle.wheel)], PIP_TIMEOUT);
    progress.report("trying it");
    await step(own, ["-I", "-m", "promptls", "--version"], VENV_TIMEOUT);
  }

  private async makeFolder(folder: string): Promise<void> {
    try {
      await mkdir(this.storage, { recursive: true });
      await mkdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Problem(
        `The server cannot be installed: ${this.storage} cannot be written (${code}). ` +
          "Make that folder writable, or install promptls with pip and name it in the setting promptls.server.path.",
        ["install", "settings"],
      );
    }
  }

  private async current(): Promise<Current | undefined> {
    try {
      const current = JSON.parse(await readFile(path.join(this.storage, CURRENT), "utf8")) as Current;
      return path.basename(current.folder) === current.folder ? current : undefined;
    } catch {
      return undefined;
    }
  }

  private async use(current: Current): Promise<void> {
    const file = path.join(this.storage, CURRENT);
    const fresh = `${file}.${randomBytes(4).toString("hex")}`;
    await writeFile(fresh, JSON.stringify(current));
    await rename(fresh, file);
  }

  /** Removes what has not been started for days: a window that is still open may run from an older folder. */
  private async tidy(used: string): Promise<void> {
    const oldest = Date.now() - UNUSED_DAYS * 24 * 3600_000;
    for (const name of await readdir(this.storage).catch(() => [])) {
      const folder = path.join(this.storage, name);
      const touched = await stat(folder).then((found) => found.mtimeMs).catch(() => Infinity);
      if (name.startsWith(PREFIX) && name !== used && touched < oldest) {
        await rm(folder, { recursive: true, force: true }).catch(() => {});
      }
    }
  }

  private python(folder: string): string {
    return this.platform === "win32"
      ? path.join(folder, "Scripts", "python.exe")
      : path.join(folder, "bin", "python");
  }
}

function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Cancelled();
  }
}

/** Without what would make pip or Python look elsewhere than into the new environment. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PYTHONHOME: _home, PYTHONPATH: _path, PIP_TARGET: _target, PIP_PREFIX: _prefix, PIP_USER: _user, ...rest } =
    process.env;
  return rest;
}

/** pip's own words, with the next step where they are known. */
function installProblem(result: Result, storage: string): Problem {
  const text = result.stdout + result.stderr;
  const said =
    text
      .split(/\r?\n/)
      .filter((line) => /error/i.test(line))
      .at(-1)
      ?.trim() || lastLine(text);
  const because = (sentence: string): Problem =>
    new Problem(`The server could not be installed: ${sentence}`, ["install", "output"]);
  if (result.timedOut) {
    return because("it took too long. Check the network, then try again.");
  }
  if (result.error) {
    return because(`Python could not be started (${result.error}). Check the setting promptls.server.python.`);
  }
  if (/No space left|ENOSPC/.test(text)) {
    return because(`the disk is full. Free about 150 MB for ${storage}, then try again.`);
  }
  if (/Read-only file system|Permission denied/.test(text)) {
    return because(`${storage} cannot be written. Make that folder writable, then try again.`);
  }
  if (/CERTIFICATE_VERIFY_FAILED|SSLError/.test(text)) {
    return because("the registry's certificate is not trusted. Give pip your certificates (PIP_CERT), then try again.");
  }
  if (/NewConnectionError|Temporary failure in name resolution|ConnectTimeout|ProxyError|Connection (?:refused|reset)|Max retries/.test(text)) {
    return because(
      "the package registry could not be reached. Check the network and the proxy (pip reads HTTPS_PROXY and " +
        "pip.conf), then try again. Once installed, the server needs no network.",
    );
  }
  if (/THESE PACKAGES DO NOT MATCH THE HASHES/.test(text)) {
    return because("a downloaded package is not the expected one. Check your registry or its mirror, then try again.");
  }
  return because(`${said || `pip ended with code ${result.code}`}. The output has the details.`);
}

/** Negative where `a` is older than `b`, as versions of the form 1.2.3 go. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.+-]/).map((part) => parseInt(part, 10) || 0));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0);
    if (difference) {
      return difference;
    }
  }
  return 0;
}
