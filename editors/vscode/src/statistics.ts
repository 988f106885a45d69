/** The report of `promptls stats`: figures and plots of all prompts, as a page beside the editors. */

import { ColorThemeKind, ProgressLocation, ViewColumn, window, workspace } from "vscode";

import { diskFolders } from "./client";
import type { Control } from "./control";
import { run } from "./server/run";

/** Milliseconds; ten thousand prompts that were never looked at take about a minute. */
const PATIENCE = 180_000;

/** Makes the report of the active prompt's folder and shows it. */
export async function showStatistics(server: Control): Promise<void> {
  const command = server.commandLine("stats", "--format", "html");
  const folder = currentFolder();
  if (!folder) {
    void window.showInformationMessage("Open a folder first: the statistics are about all prompts of a project.");
    return;
  }
  if (!command) {
    await server.offerRestart("The promptls server is not running. Restart it, then try again.");
    return;
  }
  const { program, args } = command;
  const result = await window.withProgress(
    { location: ProgressLocation.Notification, title: "Making the statistics", cancellable: true },
    (_, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const { signal } = controller;
      return run(program, args, { cwd: folder, timeout: PATIENCE, signal }).then((each) => ({ ...each, signal }));
    },
  );
  if (result.signal.aborted) {
    return;
  }
  if (result.code !== 0) {
    const words = result.stderr.trim().split("\n").at(-1) || result.error || (result.timedOut ? "it took too long" : "");
    void window.showErrorMessage(`The statistics could not be made: ${words}`);
    return;
  }
  const panel = window.createWebviewPanel("promptls.statistics", "Prompt Statistics", ViewColumn.Active, {
    enableFindWidget: true,
    localResourceRoots: [],
  });
  // It holds all that it shows, has no scripts, and forbids both by its own policy.
  panel.webview.html = inTheme(result.stdout);
  const listener = window.onDidChangeActiveColorTheme(() => (panel.webview.html = inTheme(result.stdout)));
  panel.onDidDispose(() => listener.dispose());
}

/** The page follows the system's choice of light or dark; here it follows the editor's. */
function inTheme(page: string): string {
  const { kind } = window.activeColorTheme;
  const isDark = kind === ColorThemeKind.Dark || kind === ColorThemeKind.HighContrast;
  return page.replaceAll("@media (prefers-color-scheme: dark)", isDark ? "@media all" : "@media not all");
}

function currentFolder(): string | undefined {
  const active = window.activeTextEditor?.document.uri;
  const folder = active && workspace.getWorkspaceFolder(active)?.uri;
  return folder?.scheme === "file" ? folder.fsPath : diskFolders()[0];
}
