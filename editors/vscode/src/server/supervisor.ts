/** Keeps one server alive: starts it, restarts it a few times with growing pauses, and gives up with a reason. */

import { Cancelled, Problem } from "./problem";
import type { Ending } from "./process";

/** A server that answers. */
export interface Session {
  readonly ended: Promise<Ending>;
  stop(): Promise<void>;
}

export type State =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "waiting"; readonly seconds: number }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface Patience {
  /** Seconds to wait before the first restart, the second, and so on; after the last one it gives up. */
  readonly pauses: readonly number[];
  /** A server that has run for so many seconds starts with a clean record. */
  readonly calm: number;
}

const PATIENCE: Patience = { pauses: [1, 5, 20], calm: 300 };

export class Supervisor {
  private life: { readonly controller: AbortController; readonly over: Promise<void> } | undefined;

  /** How often somebody has said what to do: of several at once, the last one counts. */
  private turn = 0;
  private ending: Promise<void> = Promise.resolve();

  /** `launch` resolves to a server that answers; it rejects with a `Problem` that says why there is none. */
  constructor(
    private readonly launch: (signal: AbortSignal) => Promise<Session>,
    private readonly tell: (state: State) => void,
    private readonly patience: Patience = PATIENCE,
  ) {}

  /** Starts the server, or starts it afresh; resolves when it answers, has failed, or a later call has taken over. */
  async start(): Promise<void> {
    const turn = ++this.turn;
    await this.end();
    if (turn === this.turn) {
      const controller = new AbortController();
      await new Promise<void>((settled) => {
        this.life = { controller, over: this.live(controller.signal, settled) };
      });
    }
  }

  /** Stops the server; resolves when its process is gone. */
  async stop(): Promise<void> {
    this.turn++;
    await this.end();
  }

  private end(): Promise<void> {
    const { life } = this;
    this.life = undefined;
    life?.controller.abort();
    this.ending = Promise.all([this.ending, life?.over]).then(() => {});
    return this.ending;
  }

  private async live(signal: AbortSignal, settled: () => void): Promise<void> {
    try {
      for (let crashes = 0; !signal.aborted; ) {
        this.tell({ kind: "starting" });
        const session = await this.launch(signal);
        const began = Date.now();
        const ending = signal.aborted ? undefined : await this.watch(session, signal, settled);
        if (!ending) {
          await session.stop();
          break;
        }
        if (Date.now() - began >= this.patience.calm * 1000) {
          crashes = 0;
        }
        const seconds = this.patience.pauses[crashes++];
        if (seconds === undefined) {
          throw gaveUp(crashes, ending);
        }
        this.tell({ kind: "waiting", seconds });
        await pause(seconds * 1000, signal);
      }
      this.tell({ kind: "stopped" });
    } catch (error) {
      if (error instanceof Cancelled || signal.aborted) {
        this.tell({ kind: "stopped" });
      } else {
        this.tell({ kind: "failed", problem: asProblem(error) });
      }
    } finally {
      settled();
    }
  }

  /** How the server ended by itself; undefined where it is to be stopped. */
  private watch(session: Session, signal: AbortSignal, settled: () => void): Promise<Ending | undefined> {
    this.tell({ kind: "running" });
    settled();
    return Promise.race([session.ended, aborted(signal)]);
  }
}

function gaveUp(times: number, ending: Ending): Problem {
  const how = ending.signal ? `signal ${ending.signal}` : `exit code ${ending.code}`;
  const words = ending.lastWords ? `: ${ending.lastWords}` : "";
  return new Problem(
    `The promptls server stopped ${times} times, at last with ${how}${words}. ` +
      "Restart it, or look into the output and report what you find there.",
    ["restart", "output"],
  );
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem(`The promptls server could not be started: ${String(error)}. The output has the details.`, [
        "restart",
        "output",
      ]);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))), aborted(signal)]);
  clearTimeout(timer);
}
