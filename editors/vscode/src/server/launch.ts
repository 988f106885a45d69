/** From a command to a server that answers, or to a sentence that says why there is none. */

import type { ServerCommand } from "./discovery";
import { Cancelled, Problem, type Step } from "./problem";
import { type Ending, ServerProcess } from "./process";
import type { Session } from "./supervisor";

/** The conversation with a server; `begin` resolves once it has answered `initialize`. */
export interface Conversation {
  begin(): Promise<void>;
  end(): Promise<void>;
}

export interface LaunchOptions {
  readonly cwd: string | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Seconds that a server has to answer. */
  readonly patience?: number;
}

const PATIENCE = 30;

/** Starts a server and waits for its first answer; rejects with a `Problem` or `Cancelled`, and then leaves no process. */
export async function launch(
  command: ServerCommand,
  converse: (process: ServerProcess) => Conversation,
  { cwd, signal, log, patience = PATIENCE }: LaunchOptions,
): Promise<Session> {
  log(`starting ${[command.program, ...command.args].join(" ")}`);
  let process: ServerProcess;
  try {
    process = await ServerProcess.start(command, cwd, log);
  } catch (error) {
    throw failure(command, `it could not be run (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  const conversation = converse(process);
  const kill = (): void => process.kill();
  signal.addEventListener("abort", kill, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill();
  }, patience * 1000);
  try {
    await Promise.race([conversation.begin(), process.ended.then(() => Promise.reject(new Error("ended")))]);
  } catch (error) {
    process.kill();
    const ending = await process.ended;
    if (signal.aborted) {
      throw new Cancelled();
    }
    throw failure(command, isLate ? `it did not answer within ${patience} seconds` : howItEnded(ending, error));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
  return {
    ended: process.ended,
    stop: async () => {
      await conversation.end().catch(() => {});
      await process.stop();
    },
  };
}

function howItEnded(ending: Ending, error: unknown): string {
  if (ending.signal === "SIGKILL" && error instanceof Error && error.message !== "ended") {
    return `it gave a wrong answer (${error.message})`;
  }
  const words = ending.lastWords ? `: ${ending.lastWords}` : "";
  return `it ended with ${ending.signal ? `signal ${ending.signal}` : `exit code ${ending.code}`}${words}`;
}

function failure(command: ServerCommand, reason: string): Problem {
  const [step, buttons] = nextStep(command);
  return new Problem(`The promptls server ${command.program} does not start: ${reason}. ${step}`, buttons);
}

function nextStep(command: ServerCommand): [string, Step[]] {
  switch (command.origin) {
    case "setting":
      return ["Correct the settings promptls.server.path or promptls.server.command.", ["settings", "output"]];
    case "environment":
      return ["Reinstall promptls in that environment.", ["restart", "output"]];
    case "path":
      return ["Reinstall promptls, or name another one in the setting promptls.server.path.", ["restart", "output"]];
    case "own":
      return ["Reinstall it.", ["reinstall", "output"]];
  }
}
