/** The language client: VS Code's side of the conversation with a server. */

import { type CancellationToken, type LogOutputChannel, Uri, commands, workspace } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ShowDocumentParams,
  type ShowDocumentResult,
  vsdiag,
} from "vscode-languageclient/node";

import type { Conversation } from "./server/launch";
import type { ServerProcess } from "./server/process";
import { SECTION, serverSettings } from "./settings";

export const LANGUAGE = "dotprompt";

/** Not `git:` and the like: what is wrong in an old version of a file cannot be mended. */
const SCHEMES = ["file", "untitled", "vscode-vfs", "vscode-remote"];

/** What the server shows as a page of text, and the command that shows it better here. */
const BETTER_HERE: Record<string, string> = {
  "promptls.showPreview": "promptls.ui.showPreview",
  "promptls.showSimilar": "promptls.ui.findSimilar",
};

export interface ClientOptions {
  readonly output: LogOutputChannel;
  /** The names of all settings, as the manifest declares them. */
  readonly settings: readonly string[];
}

export class Client implements Conversation {
  private readonly inner: LanguageClient;

  constructor(server: ServerProcess, options: ClientOptions) {
    const streams = { reader: server.output, writer: server.input, detached: true };
    this.inner = new QuietClient(SECTION, "promptls", () => Promise.resolve(streams), clientOptions(options));
  }

  begin(): Promise<void> {
    return this.inner.start();
  }

  end(): Promise<void> {
    return this.inner.stop();
  }

  get version(): string | undefined {
    return this.inner.initializeResult?.serverInfo?.version;
  }

  /** Whether the server can report on files that are not open. */
  get checksWorkspace(): boolean {
    const provider = this.inner.initializeResult?.capabilities.diagnosticProvider;
    return provider?.workspaceDiagnostics === true;
  }

  request<R>(method: string, params: unknown, token?: CancellationToken): Promise<R> {
    return this.inner.sendRequest<R>(method, params, token);
  }

  /** How the protocol writes a URI. */
  uri(uri: Uri): string {
    return this.inner.code2ProtocolConverter.asUri(uri);
  }
}

/** A client that shows no messages of its own: whoever starts it says what failed, once and with the next step. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function clientOptions({ output, settings }: ClientOptions): LanguageClientOptions {
  return {
    // Test files stay YAML for everybody else.
    documentSelector: [
      ...SCHEMES.map((scheme) => ({ language: LANGUAGE, scheme })),
      { scheme: "file", pattern: "**/*.test.{yaml,yml}" },
    ],
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    // The supervisor sees the process end, and decides.
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    markdown: { supportHtml: false },
    middleware: {
      // When a file is closed the client asks once more; what all files have is known from their common report.
      provideDiagnostics: (document, previousResultId, token, next) =>
        document instanceof Uri || document.isClosed
          ? { kind: vsdiag.DocumentDiagnosticReportKind.unChanged, resultId: previousResultId ?? "" }
          : next(document, previousResultId, token),
      workspace: {
        configuration: (params) =>
          params.items.map(({ section }) => (section === SECTION ? serverSettings(settings) : null)),
      },
      window: { showDocument },
      executeCommand: (command, args, next) =>
        command in BETTER_HERE ? commands.executeCommand(BETTER_HERE[command]!, Uri.parse(String(args[0]))) : next(command, args),
    },
  };
}

/** Pages of the server: virtual ones, and those in the user's cache folder. */
const PAGE = /^promptls-\w+:|^file:.*\/promptls\/(?:rules|scores|similar|histories)\/[^/]+\.md$/;

/** Pages are to be read, so they open as Markdown is shown, not as it is written. */
async function showDocument(
  params: ShowDocumentParams,
  token: CancellationToken,
  next: (params: ShowDocumentParams, token: CancellationToken) => unknown,
): Promise<ShowDocumentResult> {
  const uri = Uri.parse(params.uri);
  if (!PAGE.test(uri.with({ query: "" }).toString(true))) {
    return (await next(params, token)) as ShowDocumentResult;
  }
  await commands.executeCommand("markdown.showPreviewToSide", uri);
  return { success: true };
}

/** The folders of the workspace that are on disk. */
export function diskFolders(): string[] {
  return (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}
