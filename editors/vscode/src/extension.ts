/** Where VS Code comes in. */

import { type ExtensionContext, window, workspace } from "vscode";

import { registerCommands } from "./commands";
import { Control } from "./control";
import { onInterpreterChange } from "./interpreter";
import { PreviewPanel } from "./preview/panel";
import { ScoreItem } from "./score";
import { SECTION } from "./settings";
import { registerSnippets } from "./snippets";
import { StatusBar } from "./status";

let control: Control | undefined;

/** Registers everything and returns; the server is looked for and started behind it. */
export function activate(context: ExtensionContext): void {
  const output = window.createOutputChannel("promptls", { log: true });
  const status = new StatusBar();
  const server = new Control(context, output, status);
  control = server;
  context.subscriptions.push(
    output,
    status,
    status.follow(),
    server,
    new ScoreItem(server),
    registerSnippets(context),
    ...registerCommands(context, server, output, new PreviewPanel(context, server)),
    workspace.onDidGrantWorkspaceTrust(() => server.start()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${SECTION}.server`)) {
        void server.start();
      }
    }),
  );
  void server.start().then(() => {
    if (workspace.isTrusted) {
      context.subscriptions.push(onInterpreterChange(() => void server.refresh()));
    }
  });
}

/** Resolves when the server's process is gone. */
export async function deactivate(): Promise<void> {
  await control?.stop();
}
