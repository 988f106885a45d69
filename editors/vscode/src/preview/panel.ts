/** The preview beside the editor: asks the server, hands the answer to the page, and jumps where the page says. */

import { randomBytes } from "node:crypto";

import {
  CancellationTokenSource,
  type Disposable,
  type ExtensionContext,
  type TextDocument,
  type TextEditor,
  TextEditorSelectionChangeKind,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from "vscode";

import { LANGUAGE } from "../client";
import type { Control } from "../control";
import { CodePoints } from "../places";
import { reveal } from "../reveal";
import type { FromPage, Preview, Source, ToPage } from "./protocol";

const DELAY = 120;

export class PreviewPanel implements Disposable {
  private panel: WebviewPanel | undefined;
  private document: TextDocument | undefined;
  private readonly inputs = new Map<string, Record<string, unknown>>();
  private pending: CancellationTokenSource | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: Disposable[];

  constructor(
    private readonly context: ExtensionContext,
    private readonly server: Control,
  ) {
    this.listeners = [
      window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        // A jump from the preview must not make the preview jump.
        if (kind !== undefined && kind !== TextEditorSelectionChangeKind.Command) {
          this.showCursor(textEditor);
        }
      }),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === LANGUAGE) {
          this.refreshSoon();
        }
      }),
      workspace.onDidSaveTextDocument(() => this.refreshSoon()),
      workspace.onDidCloseTextDocument((document) => this.inputs.delete(document.uri.toString())),
      server.onClient(() => this.refreshSoon()),
    ];
  }

  /** Shows the preview of a prompt, or of the active one, beside the editor. */
  async open(uri?: Uri): Promise<void> {
    const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
    if (document?.languageId !== LANGUAGE) {
      void window.showInformationMessage("Open a .prompt file first.");
      return;
    }
    this.document = document;
    if (this.panel) {
      this.panel.reveal(undefined, true);
      this.refreshSoon();
    } else {
      this.panel = this.create();
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.pending?.cancel();
    this.panel?.dispose();
    this.listeners.forEach((each) => each.dispose());
  }

  private create(): WebviewPanel {
    const dist = Uri.joinPath(this.context.extensionUri, "dist");
    const panel = window.createWebviewPanel(
      "promptls.preview",
      "Preview",
      { viewColumn: ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [dist], retainContextWhenHidden: false },
    );
    panel.iconPath = Uri.joinPath(this.context.extensionUri, "media", "prompt.svg");
    const nonce = randomBytes(16).toString("base64url");
    const asUri = (name: string): string => panel.webview.asWebviewUri(Uri.joinPath(dist, name)).toString();
    panel.webview.html = page(asUri("style.css"), asUri("preview.js"), panel.webview.cspSource, nonce);
    panel.webview.onDidReceiveMessage((message: FromPage) => void this.hear(message));
    panel.onDidDispose(() => {
      this.panel = undefined;
      this.pending?.cancel();
    });
    panel.onDidChangeViewState(() => {
      if (panel.visible) {
        this.refreshSoon();
      }
    });
    return panel;
  }

  private async hear(message: FromPage): Promise<void> {
    const key = this.document?.uri.toString();
    switch (message.kind) {
      case "ready":
        await this.refresh();
        break;
      case "jump":
        await this.jump(message.source);
        break;
      case "input":
        if (key) {
          this.inputs.set(key, message.input);
          this.refreshSoon();
        }
        break;
      case "reset":
        if (key) {
          this.inputs.delete(key);
          await this.refresh();
        }
        break;
    }
  }

  private follow(editor: TextEditor | undefined): void {
    if (this.panel && editor?.document.languageId === LANGUAGE && editor.document !== this.document) {
      this.document = editor.document;
      this.refreshSoon();
    }
  }

  private refreshSoon(): void {
    if (this.panel?.visible) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.refresh(), DELAY);
    }
  }

  private async refresh(): Promise<void> {
    const { document } = this;
    if (!this.panel?.visible || !document) {
      return;
    }
    this.pending?.cancel();
    const name = workspace.asRelativePath(document.uri);
    this.panel.title = `Preview ${name.split("/").at(-1)}`;
    const { client } = this.server;
    if (!client) {
      this.tell({ kind: "note", text: "The promptls server is not running. The item in the status bar says why." });
      return;
    }
    const source = new CancellationTokenSource();
    this.pending = source;
    const input = this.inputs.get(document.uri.toString());
    const params = { textDocument: { uri: client.uri(document.uri) }, ...(input ? { input } : {}) };
    try {
      const preview = await client.request<Preview>("promptls/preview", params, source.token);
      if (!source.token.isCancellationRequested) {
        this.tell({ kind: "preview", name, preview });
        this.showCursor(window.visibleTextEditors.find((editor) => editor.document === document));
      }
    } catch (error) {
      if (!source.token.isCancellationRequested) {
        this.tell({ kind: "note", text: `The server could not preview this prompt: ${(error as Error).message}` });
      }
    } finally {
      source.dispose();
    }
  }

  private showCursor(editor: TextEditor | undefined): void {
    if (this.panel?.visible && editor?.document.languageId === LANGUAGE) {
      const text = editor.document.getText();
      const offset = new CodePoints(text).fromUtf16(editor.document.offsetAt(editor.selection.active));
      this.tell({ kind: "cursor", path: editor.document.uri.fsPath, offset });
    }
  }

  private async jump(source: Source): Promise<void> {
    const uri = source.path === null ? this.document?.uri : Uri.file(source.path);
    if (!uri) {
      return;
    }
    await reveal(uri, source, ViewColumn.One);
  }

  private tell(message: ToPage): void {
    void this.panel?.webview.postMessage(message);
  }
}

/** The page: one script and one style of the extension's own, and nothing from anywhere else. */
function page(style: string, script: string, source: string, nonce: string): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="${style}">
<title>Preview</title>
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
