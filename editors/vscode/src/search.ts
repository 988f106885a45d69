/** Search over all prompts of the workspace, open or not, as a quick pick; and the prompts that are like one. */

import {
  type CancellationToken,
  CancellationTokenSource,
  type Disposable,
  type QuickInputButton,
  type QuickPick,
  type QuickPickItem,
  ThemeIcon,
  Uri,
  window,
  workspace,
} from "vscode";

import { LANGUAGE } from "./client";
import type { Control } from "./control";
import { type Span, reveal } from "./reveal";

/** Milliseconds of quiet before the server is asked. */
const DELAY = 80;
/** Milliseconds after which it is asked again while it is still indexing. */
const AGAIN = 500;
const LIMIT = 50;
const METHOD_NOT_FOUND = -32601;

const SORTS = ["relevance", "score", "updated", "created"] as const;
type Sort = (typeof SORTS)[number];

const BY: Record<Sort, { readonly icon: string; readonly says: string }> = {
  relevance: { icon: "target", says: "best match first" },
  score: { icon: "star", says: "best score first" },
  updated: { icon: "history", says: "last changed first" },
  created: { icon: "calendar", says: "newest first" },
};

/** The answer to `promptls/search`: what `promptls search --format json` prints, with addresses. */
interface Answer {
  readonly total: number;
  readonly results: readonly Result[];
  /** Another spelling that finds something. */
  readonly suggestion: string | null;
  readonly notes: readonly string[];
  /** False while there may soon be more. */
  readonly complete: boolean;
}

interface Result {
  readonly uri: string;
  readonly name: string;
  readonly variant: string | null;
  readonly description: string | null;
  readonly model: string | null;
  readonly score: number | null;
  readonly tokens: number | null;
  /** Relevance; with `similarTo`, how much of both texts is the same, from 0 to 1. */
  readonly rank: number;
  readonly snippet: string;
  /** Where the file has the first word that was searched for, if its text has it. */
  readonly range: Span | null;
}

interface Item extends QuickPickItem {
  /** What taking it does: opens a prompt, or searches for something else. */
  readonly result?: Result;
  readonly query?: string;
}

/** Opens the search over all prompts. */
export async function searchPrompts(server: Control): Promise<void> {
  await pick(server, undefined);
}

/** Shows the prompts that say much the same as one, or as the active one. */
export async function findSimilar(server: Control, uri?: Uri): Promise<void> {
  const active = window.activeTextEditor?.document;
  const like = uri ?? (active?.languageId === LANGUAGE ? active.uri : undefined);
  if (like) {
    await pick(server, like);
  } else {
    void window.showInformationMessage("Open a .prompt file first.");
  }
}

async function pick(server: Control, like: Uri | undefined): Promise<void> {
  if (server.client) {
    new Search(server, like).show();
  } else {
    await server.offerRestart("The promptls server is not running. Restart it, then try again.");
  }
}

/** One quick pick, from its opening to its end. */
class Search {
  private readonly box: QuickPick<Item> = window.createQuickPick<Item>();
  private readonly listeners: Disposable[];
  private readonly likeThis: QuickInputButton = { iconPath: new ThemeIcon("copy"), tooltip: "Find similar prompts" };
  private sort: Sort = "relevance";
  /** The query whose answer is shown. */
  private answered: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asked: CancellationTokenSource | undefined;

  constructor(
    private readonly server: Control,
    private like: Uri | undefined,
  ) {
    const { box } = this;
    this.listeners = [
      box,
      box.onDidChangeValue(() => this.askSoon()),
      box.onDidAccept(() => void this.accept()),
      box.onDidTriggerButton(() => this.sortByNext()),
      box.onDidTriggerItemButton(({ item }) => item.result && this.showLike(Uri.parse(item.result.uri))),
      box.onDidHide(() => this.end()),
    ];
  }

  show(): void {
    // The server's order stands. Not declared yet in the oldest VS Code that is supported, but there.
    Object.assign(this.box, { sortByLabel: false });
    this.label();
    this.box.show();
    void this.ask();
  }

  private end(): void {
    clearTimeout(this.timer);
    this.asked?.cancel();
    this.listeners.forEach((each) => each.dispose());
  }

  private label(): void {
    const { box, like, sort } = this;
    box.title = like ? `Prompts like ${workspace.asRelativePath(like)}` : `Search prompts: ${BY[sort].says}`;
    box.placeholder = like ? "Type to search all prompts instead" : 'Words, "phrases", tag:… model:… variable:… score:>80';
    const next = BY[following(sort)];
    box.buttons = like ? [] : [{ iconPath: new ThemeIcon(next.icon), tooltip: `Sort: ${next.says}` }];
  }

  private sortByNext(): void {
    this.sort = following(this.sort);
    this.label();
    void this.ask();
  }

  private showLike(uri: Uri): void {
    this.like = uri;
    this.box.value = "";
    this.label();
    void this.ask();
  }

  private async accept(): Promise<void> {
    // Whoever types and presses Enter at once does not mean what was found for fewer words.
    if (this.answered !== this.box.value) {
      await this.ask();
    }
    await this.take(this.box.activeItems[0]);
  }

  private async take(item: Item | undefined): Promise<void> {
    if (item?.result) {
      const { uri, range } = item.result;
      this.box.hide();
      await reveal(Uri.parse(uri), range);
    } else if (item?.query !== undefined) {
      this.box.value = item.query;
      void this.ask();
    }
  }

  private askSoon(): void {
    if (this.like && this.box.value) {
      this.like = undefined;
      this.label();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), DELAY);
  }

  /** Asks the server; an answer that is overtaken by the next question is dropped. */
  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.asked?.cancel();
    const source = new CancellationTokenSource();
    this.asked = source;
    const { box } = this;
    const query = box.value;
    box.busy = true;
    const items: readonly Item[] = await this.request(source.token).then(
      (answer) => {
        if (!answer.complete && !source.token.isCancellationRequested) {
          this.timer = setTimeout(() => void this.ask(), AGAIN);
        }
        return this.items(answer);
      },
      (error: Error & { code?: number }) => [note("error", complaint(error))],
    );
    if (!source.token.isCancellationRequested) {
      const before = query === this.answered ? box.activeItems[0]?.result?.uri : undefined;
      const choices = items.filter((item) => item.result || item.query !== undefined);
      const active = choices.find((item) => item.result && item.result.uri === before) ?? choices[0];
      box.items = items;
      box.activeItems = active ? [active] : [];
      box.busy = false;
      this.answered = query;
    }
    source.dispose();
  }

  private async request(token: CancellationToken): Promise<Answer> {
    const { client } = this.server;
    if (!client) {
      throw new Error("the promptls server is not running.");
    }
    const { like, sort } = this;
    const what = like ? { similarTo: client.uri(like) } : { query: this.box.value, sort, typing: true };
    return client.request<Answer>("promptls/search", { ...what, limit: LIMIT }, token);
  }

  private items({ total, results, suggestion, notes, complete }: Answer): Item[] {
    const rest = total - results.length;
    return [
      ...notes.map((text) => note("info", text)),
      ...(suggestion && complete ? [{ ...note("lightbulb", `Did you mean ${suggestion}?`), query: suggestion }] : []),
      ...results.map((result) => this.prompt(result)),
      ...(rest > 0 ? [note("ellipsis", `${rest} more: type another word to narrow them down`)] : []),
      ...(complete ? [] : [note("loading~spin", "Not all prompts are indexed yet: there may be more.")]),
      ...(complete && !results.length && !suggestion ? [note("circle-slash", nothing(this.like))] : []),
    ];
  }

  private prompt(result: Result): Item {
    const facts = [
      this.like ? `${Math.round(result.rank * 100)} % the same` : undefined,
      result.score === null ? undefined : `score ${result.score}`,
      result.tokens === null ? undefined : `${result.tokens} tokens`,
      result.model ?? undefined,
    ].filter((fact) => fact !== undefined);
    return {
      label: `$(file) ${result.name}${result.variant ? `.${result.variant}` : ""}`,
      description: [workspace.asRelativePath(Uri.parse(result.uri)), ...facts].join(" · "),
      detail: oneLine(result.snippet),
      // The server has found it already, by more than its name.
      alwaysShow: true,
      buttons: [this.likeThis],
      result,
    };
  }
}

function following(sort: Sort): Sort {
  return SORTS[(SORTS.indexOf(sort) + 1) % SORTS.length]!;
}

function note(icon: string, text: string): Item {
  return { label: `$(${icon}) ${text}`, alwaysShow: true };
}

function nothing(like: Uri | undefined): string {
  return like ? "No prompt of the workspace is much like it." : "No prompt has these words.";
}

function complaint({ code, message }: Error & { code?: number }): string {
  return code === METHOD_NOT_FOUND ? "This promptls server cannot search: update it." : `The search failed: ${message}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
