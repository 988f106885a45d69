/** Finds, installs, starts and stops the server, and says what becomes of it. */

import * as os from "node:os";
import * as path from "node:path";

import {
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  ProgressLocation,
  commands,
  window,
  workspace,
} from "vscode";

import { Client, diskFolders } from "./client";
import { activeInterpreter } from "./interpreter";
import { type ServerCommand, findServer, nothingFound } from "./server/discovery";
import { Installation, readBundle } from "./server/installation";
import { launch } from "./server/launch";
import { Cancelled, Problem, type Step } from "./server/problem";
import { run } from "./server/run";
import { type Session, Supervisor } from "./server/supervisor";
import { SECTION, openServerSettings } from "./settings";
import type { StatusBar } from "./status";

const STEPS: Record<Step, { readonly title: string; readonly take: () => Thenable<unknown> }> = {
  install: { title: "Install Server", take: () => commands.executeCommand("promptls.ui.installServer") },
  reinstall: { title: "Reinstall", take: () => commands.executeCommand("promptls.ui.installServer") },
  restart: { title: "Restart", take: () => commands.executeCommand("promptls.ui.restart") },
  settings: { title: "Open Settings", take: openServerSettings },
  output: { title: "Show Output", take: () => commands.executeCommand("promptls.ui.showOutput") },
};

export class Control implements Disposable {
  private readonly clients = new EventEmitter<Client | undefined>();
  private readonly supervisor: Supervisor;
  private readonly installation: Promise<Installation>;
  private readonly settings: readonly string[];
  private running: Client | undefined;
  private program: ServerCommand | undefined;
  private installing: Promise<void> | undefined;
  private told: string | undefined;

  /** Tells of every server that begins to answer, and (undefined) when it is gone. */
  readonly onClient = this.clients.event;

  constructor(
    context: ExtensionContext,
    private readonly output: LogOutputChannel,
    private readonly status: StatusBar,
  ) {
    this.settings = Object.keys(context.extension.packageJSON.contributes.configuration.properties as object);
    this.installation = readBundle(context.asAbsolutePath("server")).then(
      (bundle) => new Installation(path.join(context.globalStorageUri.fsPath, "server"), bundle, run),
    );
    this.supervisor = new Supervisor(
      (signal) => this.launch(signal),
      (state) => {
        if (state.kind !== "running") {
          this.setClient(undefined);
        }
        this.status.show(state, this.running?.version, this.program?.program);
        if (state.kind === "failed") {
          this.complain(state.problem);
        }
      },
    );
  }

  /** The server that answers now. */
  get client(): Client | undefined {
    return this.running;
  }

  /** Finds and starts a server, or offers to install one. Nothing is run in a workspace that is not trusted. */
  async start(): Promise<void> {
    if (!workspace.isTrusted) {
      this.status.show({ kind: "restricted" });
      return;
    }
    this.told = undefined;
    this.program = undefined;
    await this.supervisor.start();
    await this.upgrade();
  }

  /** Looks again, and changes servers where another one is found. */
  async refresh(): Promise<void> {
    const found = await this.find().catch(() => undefined);
    if (found && found.program !== this.program?.program) {
      await this.start();
    }
  }

  /** How to run another command of the program that serves; undefined where none was found, or it is no `promptls`. */
  commandLine(...command: string[]): { readonly program: string; readonly args: readonly string[] } | undefined {
    const serve = this.program?.args.indexOf("serve") ?? -1;
    return this.program && serve >= 0
      ? { program: this.program.program, args: [...this.program.args.slice(0, serve), ...command] }
      : undefined;
  }

  /** Says why something cannot be done, and starts the server anew where the person wants that. */
  async offerRestart(why: string): Promise<void> {
    if (await window.showWarningMessage(why, "Restart")) {
      await this.start();
    }
  }

  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  dispose(): void {
    this.clients.dispose();
    void this.stop();
  }

  /** Installs the server that the extension carries, and uses it. */
  async install(): Promise<void> {
    this.installing ??= this.installVisibly("Installing the promptls server").finally(() => (this.installing = undefined));
    await this.installing;
  }

  private async launch(signal: AbortSignal): Promise<Session> {
    const command = this.program ?? (await this.find());
    if (signal.aborted) {
      throw new Cancelled();
    }
    this.program = command;
    let client: Client | undefined;
    const session = await launch(
      command,
      (process) => (client = new Client(process, { output: this.output, settings: this.settings })),
      { cwd: diskFolders()[0], signal, log: (line) => this.output.info(line) },
    );
    this.setClient(client);
    return session;
  }

  private async find(): Promise<ServerCommand> {
    const configuration = workspace.getConfiguration(SECTION);
    const { server, rejected } = await findServer(
      {
        command: configuration.get<string[]>("server.command", []),
        path: configuration.get<string>("server.path", ""),
        folders: diskFolders(),
        home: os.homedir(),
        env: process.env,
        platform: process.platform,
        interpreter: activeInterpreter,
        own: async () => (await this.installation).command(),
      },
      run,
    );
    for (const { program, reason } of rejected) {
      this.output.warn(`${program} does not run: ${reason}`);
    }
    if (!server) {
      throw nothingFound(rejected);
    }
    this.output.info(`found ${server.program} (${server.origin})`);
    return server;
  }

  /** Brings a server of our own up to date with the extension; the old one serves until then. */
  private async upgrade(): Promise<void> {
    if (this.program?.origin === "own" && (await (await this.installation).isOutdated())) {
      this.installing ??= this.installVisibly("Upgrading the promptls server").finally(
        () => (this.installing = undefined),
      );
      await this.installing;
    }
  }

  private async installVisibly(title: string): Promise<void> {
    this.output.info(title);
    const wasRunning = this.running !== undefined;
    if (!wasRunning) {
      this.status.show({ kind: "installing" });
    }
    try {
      const python = workspace.getConfiguration(SECTION).get<string>("server.python", "");
      const interpreter = await activeInterpreter();
      await window.withProgress(
        { location: ProgressLocation.Notification, title, cancellable: true },
        async (progress, token) => {
          const controller = new AbortController();
          token.onCancellationRequested(() => controller.abort());
          await (await this.installation).install({
            pythons: [python, interpreter ?? ""].filter(Boolean),
            progress: { report: (message) => progress.report({ message }) },
            signal: controller.signal,
            log: (line) => this.output.info(line),
          });
        },
      );
    } catch (error) {
      if (!wasRunning) {
        this.status.show({ kind: "missing" });
      }
      if (error instanceof Cancelled) {
        this.output.info("the installation was cancelled");
        return;
      }
      this.complain(error instanceof Problem ? error : new Problem(`${title} failed: ${String(error)}`, ["output"]));
      return;
    }
    this.program = undefined;
    await this.supervisor.start();
  }

  private setClient(client: Client | undefined): void {
    if (client !== this.running) {
      this.running = client;
      this.clients.fire(client);
    }
  }

  /** Shows one message for a problem, and none for the same again. */
  private complain(problem: Problem): void {
    this.output.error(problem.message);
    if (problem.message === this.told) {
      return;
    }
    this.told = problem.message;
    if (problem.steps[0] === "install" && !this.installing) {
      this.status.show({ kind: "missing" });
    }
    const steps = problem.steps.map((step) => STEPS[step]);
    void window.showErrorMessage(problem.message, ...steps.map(({ title }) => title)).then((chosen) => {
      return steps.find(({ title }) => title === chosen)?.take();
    });
  }
}
