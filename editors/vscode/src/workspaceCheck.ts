/** Checks every prompt of the workspace, open or not. */

import { type CancellationToken, ProgressLocation, commands, window } from "vscode";
import { type WorkspaceDiagnosticReport } from "vscode-languageclient/node";

import type { Client } from "./client";
import type { Control } from "./control";

/** Runs the check and says what it found; the findings are in the Problems view. */
export async function checkWorkspace(server: Control): Promise<void> {
  const { client } = server;
  if (!client?.checksWorkspace) {
    const why = client ? "This promptls server cannot check whole workspaces." : "The promptls server is not running.";
    await server.offerRestart(`${why} Update or restart it, then try again.`);
    return;
  }
  const report = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Checking all prompts", cancellable: true },
    (_, token) => ask(client, token),
  );
  if (report) {
    await commands.executeCommand("workbench.panel.markers.view.focus");
    void window.showInformationMessage(summary(report));
  }
}

async function ask(client: Client, token: CancellationToken): Promise<WorkspaceDiagnosticReport | undefined> {
  const params = { identifier: "promptls", previousResultIds: [] };
  try {
    return await client.request<WorkspaceDiagnosticReport>("workspace/diagnostic", params, token);
  } catch (error) {
    if (token.isCancellationRequested) {
      return undefined;
    }
    throw error;
  }
}

function summary({ items }: WorkspaceDiagnosticReport): string {
  const findings = items.flatMap((item) => (item.kind === "full" ? item.items : []));
  const count = (severity: number): number => findings.filter((each) => each.severity === severity).length;
  const counts = [many(count(1), "error"), many(count(2), "warning"), many(count(3) + count(4), "suggestion")];
  return `promptls: ${many(items.length, "prompt")} checked: ${counts.join(", ")}.`;
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
