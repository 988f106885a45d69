/** The item in the status bar. */

import { MarkdownString, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from "vscode";

import { LANGUAGE } from "./client";
import type { State } from "./server/supervisor";

/** What the extension is doing; `restricted` and `installing` come before there is a server. */
export type Status = State | { readonly kind: "restricted" } | { readonly kind: "missing" } | { readonly kind: "installing" };

export class StatusBar {
  private readonly item: StatusBarItem;

  constructor() {
    this.item = window.createStatusBarItem("promptls.status", StatusBarAlignment.Right, 100);
    this.item.name = "promptls";
    this.item.command = "promptls.ui.showMenu";
    this.show({ kind: "stopped" });
  }

  show(status: Status, version?: string, program?: string): void {
    const { icon, says } = describe(status);
    this.item.text = icon ? `$(${icon}) promptls` : "promptls";
    this.item.tooltip = new MarkdownString(
      [`**promptls** ${version ?? ""}`.trim(), says, ...(program ? [`\`${program}\``] : [])].join("\n\n"),
    );
    this.item.accessibilityInformation = { label: `promptls: ${says}` };
    this.item.backgroundColor =
      status.kind === "failed"
        ? new ThemeColor("statusBarItem.errorBackground")
        : status.kind === "missing"
          ? new ThemeColor("statusBarItem.warningBackground")
          : undefined;
  }

  /** Is seen only beside a prompt. */
  follow(): { dispose(): void } {
    const update = (): void => {
      if (window.activeTextEditor?.document.languageId === LANGUAGE) {
        this.item.show();
      } else {
        this.item.hide();
      }
    };
    update();
    return window.onDidChangeActiveTextEditor(update);
  }

  dispose(): void {
    this.item.dispose();
  }
}

function describe(status: Status): { icon: string; says: string } {
  switch (status.kind) {
    case "running":
      return { icon: "check", says: "The server is running." };
    case "starting":
      return { icon: "loading~spin", says: "The server is starting." };
    case "waiting":
      return { icon: "sync", says: `The server stopped unexpectedly. It starts again in ${status.seconds} s.` };
    case "failed":
      return { icon: "error", says: status.problem.message };
    case "missing":
      return { icon: "cloud-download", says: "The server is not installed." };
    case "installing":
      return { icon: "loading~spin", says: "The server is being installed." };
    case "restricted":
      return { icon: "shield", says: "This workspace is not trusted: colours and snippets only, nothing is run." };
    case "stopped":
      return { icon: "circle-slash", says: "The server is not running." };
  }
}
