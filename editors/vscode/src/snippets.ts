/** Snippets for the body of a prompt. Inside a tag or the frontmatter the server knows better, so they stay away. */

import { readFileSync } from "node:fs";

import {
  CompletionItem,
  CompletionItemKind,
  type Disposable,
  type ExtensionContext,
  MarkdownString,
  Position,
  Range,
  SnippetString,
  type TextDocument,
  languages,
} from "vscode";

import { LANGUAGE } from "./client";
import { isInTemplateText } from "./places";

/** An entry of a snippet file, as VS Code reads them. */
export interface Snippet {
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

/** Reads a snippet file of the extension. */
export function readSnippets(context: ExtensionContext, name: string): ReadonlyMap<string, Snippet> {
  const text = readFileSync(context.asAbsolutePath(`snippets/${name}.json`), "utf8");
  return new Map(Object.entries(JSON.parse(text) as Record<string, Snippet>));
}

export function registerSnippets(context: ExtensionContext): Disposable {
  let items: CompletionItem[] | undefined;
  return languages.registerCompletionItemProvider(LANGUAGE, {
    provideCompletionItems(document: TextDocument, position: Position) {
      const before = document.getText(new Range(new Position(0, 0), position));
      if (!isInTemplateText(before)) {
        return [];
      }
      items ??= [...readSnippets(context, "tags")].map(([name, snippet]) => asItem(name, snippet));
      return items;
    },
  });
}

function asItem(name: string, { prefix, description, body }: Snippet): CompletionItem {
  const item = new CompletionItem({ label: prefix, description: name }, CompletionItemKind.Snippet);
  item.insertText = new SnippetString(body.join("\n"));
  item.detail = description;
  item.documentation = new MarkdownString().appendCodeblock(body.join("\n").replace(/\$\{\d+:([^}]*)\}|\$\d+/g, "$1"), LANGUAGE);
  return item;
}
