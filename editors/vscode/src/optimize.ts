/** "Optimise Prompt…": a strategy is chosen, its outcome shown as a diff, and taken or not. */

import {
  CancellationTokenSource,
  type Disposable,
  EventEmitter,
  Range,
  type TextDocument,
  Uri,
  WorkspaceEdit,
  commands,
  window,
  workspace,
} from "vscode";

import { LANGUAGE } from "./client";
import type { Control } from "./control";

const SCHEME = "promptls-optimised";
const METHOD = "promptls/optimize";
/** LSP's codes for an answer that nobody wants any more. */
const CALLED_OFF = [-32800, -32802];

const STRATEGIES = [
  { label: "$(tools) Statically", strategy: "static", detail: "What rules ask for. No model is asked." },
  { label: "$(sparkle) With a model (quick)", strategy: "quick", detail: "A model finds what is wrong, and rewrites only that: 2 to 5 calls." },
  { label: "$(beaker) With a model and test cases (wizard)", strategy: "wizard", detail: "A search, decided on test cases that it never saw." },
  { label: "$(list-unordered) Add examples", strategy: "examples", detail: "From the test cases; without such, made up by a model." },
] as const;

/** What `promptls/optimize` answers, as far as it is used here. */
interface Outcome {
  readonly strategy: string;
  readonly status: "improved" | "unchanged" | "rejected" | "failed";
  readonly text: string;
  readonly before: Standing;
  readonly after: Standing;
  readonly usage: { readonly calls: number; readonly cost_usd: number };
  readonly notes: readonly string[];
  readonly error: string | null;
  readonly version: number;
}

interface Standing {
  readonly score: number | null;
  readonly tokens: number;
}

/** The optimised texts that diffs show. */
export class Optimizer implements Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changes = new EventEmitter<Uri>();
  private readonly provider: Disposable;

  constructor(private readonly server: Control) {
    this.provider = workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changes.event,
      provideTextDocumentContent: (uri) => this.texts.get(uri.toString()) ?? "",
    });
  }

  dispose(): void {
    this.provider.dispose();
    this.changes.dispose();
  }

  /** The whole of it, for the active prompt. */
  async run(): Promise<void> {
    const document = window.activeTextEditor?.document;
    if (document?.languageId !== LANGUAGE) {
      void window.showInformationMessage("Open a .prompt file first.");
      return;
    }
    const chosen = await window.showQuickPick(STRATEGIES, { title: "Optimise prompt", placeHolder: "How?" });
    if (chosen) {
      await this.optimize(document, chosen.strategy);
    }
  }

  private async optimize(document: TextDocument, strategy: string): Promise<void> {
    const { client } = this.server;
    if (!client) {
      await this.server.offerRestart("The promptls server is not running. Restart it, then try again.");
      return;
    }
    const uri = client.uri(document.uri);
    const asked = { textDocument: { uri }, strategy, version: document.version };
    // The server shows progress, with a button that cancels.
    const token = new CancellationTokenSource().token;
    let outcome: Outcome;
    try {
      outcome = await client.request<Outcome>(METHOD, asked, token);
    } catch (error) {
      if (!CALLED_OFF.includes((error as { code?: number }).code ?? 0)) {
        void window.showWarningMessage((error as Error).message);
      }
      return;
    }
    if (outcome.status === "improved") {
      await this.offer(document, outcome);
    } else if (outcome.error !== null) {
      void window.showWarningMessage(`The prompt stays as it is: ${outcome.error}.`);
    } else {
      void window.showInformationMessage(`There is nothing that ${strategy} would change here.`);
    }
  }

  private async offer(document: TextDocument, outcome: Outcome): Promise<void> {
    const name = document.uri.path.split("/").at(-1) ?? "prompt";
    const shown = Uri.from({ scheme: SCHEME, path: document.uri.path, query: document.uri.toString() });
    this.texts.set(shown.toString(), outcome.text);
    this.changes.fire(shown);
    const worth = figures(outcome);
    await commands.executeCommand("vscode.diff", document.uri, shown, `${name}: ${worth}`, { preview: true });
    const take = "Accept";
    const single = "Step by Step";
    const notes = outcome.notes.length ? ` ${outcome.notes.join(" ")}` : "";
    const answer = await window.showInformationMessage(`Optimised: ${worth}.${notes}`, take, single, "Discard");
    await close(shown);
    this.texts.delete(shown.toString());
    if (answer === take) {
      await accept(document, outcome);
    } else if (answer === single && this.server.client) {
      // The server keeps what a model has answered: this costs nothing once more.
      const asked = { strategy: outcome.strategy, version: outcome.version };
      await commands.executeCommand("promptls.optimize", this.server.client.uri(document.uri), asked);
    }
  }
}

/** Makes the change, unless the text has moved on since. */
async function accept(document: TextDocument, { text, version }: Outcome): Promise<void> {
  if (document.isClosed || document.version !== version) {
    void window.showWarningMessage("The prompt was changed meanwhile, so nothing was changed: run it again.");
    return;
  }
  const old = document.getText();
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) {
    start++;
  }
  let end = 0;
  while (end < old.length - start && end < text.length - start && old.at(-1 - end) === text.at(-1 - end)) {
    end++;
  }
  const edit = new WorkspaceEdit();
  const range = new Range(document.positionAt(start), document.positionAt(old.length - end));
  edit.replace(document.uri, range, text.slice(start, text.length - end));
  await workspace.applyEdit(edit);
  await window.showTextDocument(document);
}

/** Closes the diff. */
async function close(shown: Uri): Promise<void> {
  const tabs = window.tabGroups.all.flatMap(({ tabs }) => tabs);
  const ours = tabs.filter(({ input }) => (input as { modified?: Uri } | undefined)?.modified?.toString() === shown.toString());
  await window.tabGroups.close(ours);
}

function figures({ before, after, usage }: Outcome): string {
  const parts = [`score ${before.score ?? "–"} → ${after.score ?? "–"}`, `${before.tokens} → ${after.tokens} tokens`];
  if (usage.calls) {
    parts.push(`${usage.calls} calls`);
  }
  if (usage.cost_usd) {
    parts.push(`$${Number(usage.cost_usd.toPrecision(3))}`);
  }
  return parts.join(", ");
}
