/** A Python that can make virtual environments. */

import { Problem } from "./problem";
import { type Run, lastLine } from "./run";

const OLDEST = [3, 11] as const;
const TIMEOUT = 15_000;
const ASK = "import sys; print('%d.%d' % sys.version_info[:2]); import ensurepip, venv";

/** The first interpreter that is new enough and whole; throws a `Problem` that says what to install. */
export async function findPython(
  preferred: readonly string[],
  platform: NodeJS.Platform,
  run: Run,
  heard: (line: string) => void = () => {},
): Promise<string> {
  let old: string | undefined;
  let broken: string | undefined;
  for (const [program, ...args] of [...preferred.map((each) => [each]), ...usual(platform)]) {
    const result = await run(program!, [...args, "-c", ASK], { timeout: TIMEOUT });
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(result.stdout) ?? [];
    const name = [program, ...args].join(" ");
    if (!major || !minor) {
      heard(`${name}: ${result.error ?? (lastLine(result.stderr) || "no answer")}`);
    } else if (Number(major) !== OLDEST[0] || Number(minor) < OLDEST[1]) {
      heard(`${name}: Python ${major}.${minor} is too old`);
      old ??= `${name} is Python ${major}.${minor}`;
    } else if (result.code !== 0) {
      heard(`${name}: ${lastLine(result.stderr)}`);
      broken ??= `${name} (Python ${major}.${minor}) cannot make virtual environments (${lastLine(result.stderr)})`;
    } else {
      heard(`${name}: Python ${major}.${minor}`);
      return args.length ? await executable(program!, args, run) : program!;
    }
  }
  if (broken) {
    const step = platform === "linux" ? "Install the package python3-venv" : "Reinstall Python";
    throw new Problem(`${broken}. ${step}, then install the server again.`, ["install", "output"]);
  }
  throw new Problem(
    `promptls needs Python ${OLDEST.join(".")} or newer, and ${old ? `only ${old} was found` : "no Python was found"}. ` +
      "Install it, or name one in the setting promptls.server.python, then install the server again.",
    ["install", "settings"],
  );
}

function usual(platform: NodeJS.Platform): string[][] {
  const names = [["python3"], ["python3.13"], ["python3.12"], ["python3.11"], ["python"]];
  return platform === "win32" ? [["py", "-3"], ["python"], ["python3"]] : names;
}

async function executable(program: string, args: readonly string[], run: Run): Promise<string> {
  const result = await run(program, [...args, "-c", "import sys; print(sys.executable)"], { timeout: TIMEOUT });
  return result.stdout.trim() || program;
}
