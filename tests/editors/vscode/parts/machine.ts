/** A made-up computer: folders with programs that print, fail, hang or speak the protocol. */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after } from "node:test";

import type { Places } from "../../../../editors/vscode/src/server/discovery";
import { run } from "../../../../editors/vscode/src/server/run";

/** A folder that goes away with the tests. */
export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "promptls-parts-"));
  after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Writes a program of bash. */
export function program(file: string, script: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/bash\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

export const WORKS = 'echo "promptls 0.1.0"';

/** Places to look for a server: none, but for what is given. */
export function places(given: Partial<Places> = {}): Places {
  return {
    command: [],
    path: "",
    folders: [],
    home: "/home/nobody",
    env: {},
    platform: "linux",
    interpreter: async () => undefined,
    own: async () => undefined,
    ...given,
  };
}

/** The processes, of anybody, whose command line holds a text. Linux only. */
export function processes(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const line = readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return line.includes(text) ? [line] : [];
      } catch {
        return [];
      }
    });
}

/** Asks until the answer fits, or time is up. */
export async function eventually<T>(ask: () => T, fits: (answer: T) => boolean, seconds = 5): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const answer = ask();
    if (fits(answer) || Date.now() > end) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export { run };
