/** The active prompt's score and tokens in the status bar, and the page that explains them. */

import {
  CancellationTokenSource,
  type Disposable,
  MarkdownString,
  StatusBarAlignment,
  type TextDocument,
  commands,
  window,
  workspace,
} from "vscode";

import { LANGUAGE } from "./client";
import type { Control } from "./control";
import { SECTION, explicit } from "./settings";

/** Milliseconds without a key before the figures are asked for anew. */
const DELAY = 500;
/** Milliseconds after which an estimate is asked for again: the server is loading the vocabulary meanwhile. */
const ESTIMATE = 2000;

/** What `promptls/score` says of a prompt, as far as it is shown here. */
interface Scored {
  readonly overall: number | null;
  readonly domain: string | null;
  readonly dimensions: Readonly<Record<string, number>> | null;
  readonly tokens: {
    readonly encoding: string | null;
    readonly exact: boolean;
    readonly rendered: number;
    readonly cost_usd: number | null;
    readonly messages: readonly { readonly role: string; readonly tokens: number }[];
  };
}

export class ScoreItem implements Disposable {
  private readonly item = window.createStatusBarItem("promptls.score", StatusBarAlignment.Right, 101);
  private readonly listeners: Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private asking: CancellationTokenSource | undefined;

  constructor(private readonly server: Control) {
    this.item.name = "promptls: score and tokens";
    this.item.command = "promptls.ui.explainScore";
    this.listeners = [
      window.onDidChangeActiveTextEditor(() => this.follow()),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document === activePrompt()) {
          this.askIn(DELAY);
        }
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(SECTION)) {
          this.askIn(DELAY);
        }
      }),
      server.onClient(() => this.follow()),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    this.listeners.forEach((each) => void each.dispose());
    this.item.dispose();
  }

  private follow(): void {
    this.item.hide();
    this.askIn(0);
  }

  private askIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    this.timer = setTimeout(() => void this.ask(), milliseconds);
  }

  private async ask(): Promise<void> {
    const document = activePrompt();
    const { client } = this.server;
    if (!document || !client) {
      this.item.hide();
      return;
    }
    const asking = (this.asking = new CancellationTokenSource());
    const params = { textDocument: { uri: client.uri(document.uri) } };
    try {
      const { prompts } = await client.request<{ prompts: Scored[] }>("promptls/score", params, asking.token);
      if (!asking.token.isCancellationRequested && prompts[0]) {
        this.show(prompts[0]);
      }
    } catch {
      // An older server, or a text that has moved on: then the next key asks again.
      this.item.hide();
    } finally {
      asking.dispose();
    }
  }

  private show(scored: Scored): void {
    const { tokens, overall, dimensions } = scored;
    const showsScore = overall !== null && explicit(workspace.getConfiguration(SECTION), "editor.score") !== false;
    const count = `${tokens.exact ? "" : "≈ "}${number(tokens.rendered)} tokens`;
    this.item.text = showsScore ? `$(dashboard) ${overall} · ${count}` : count;
    const lines = showsScore
      ? [
          `**Score ${overall} of 100**${scored.domain && scored.domain !== "general" ? ` · ${scored.domain}` : ""}`,
          table(Object.entries(dimensions ?? {})),
        ]
      : [];
    const cost = tokens.cost_usd ? ` · $${Number(tokens.cost_usd.toPrecision(3))} a call` : "";
    lines.push(
      `**${count}**${cost}`,
      table(tokens.messages.map(({ role, tokens: each }) => [role, each])),
      "Click for the reasons.",
    );
    this.item.tooltip = new MarkdownString(lines.filter(Boolean).join("\n\n"));
    this.item.accessibilityInformation = { label: showsScore ? `score ${overall} of 100, ${count}` : count };
    this.item.show();
    if (tokens.encoding === null) {
      this.askIn(ESTIMATE);
    }
  }
}

/** Opens the page that says where every point of the active prompt's score comes from. */
export async function explainScore(server: Control): Promise<void> {
  const document = activePrompt();
  if (!document) {
    void window.showInformationMessage("Open a .prompt file first.");
  } else if (!server.client) {
    await server.offerRestart("The promptls server is not running. Restart it, then try again.");
  } else {
    await commands.executeCommand("promptls.explainScore", server.client.uri(document.uri));
  }
}

function activePrompt(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document?.languageId === LANGUAGE ? document : undefined;
}

function table(rows: readonly (readonly [string, number])[]): string {
  return rows.length ? ["| | |", "|:--|--:|", ...rows.map(([name, value]) => `| ${name} | ${number(value)} |`)].join("\n") : "";
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
