/** The commands of the palette, the editor's title and the status bar's menu. */

import {
  type Diagnostic,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
  type QuickPickItem,
  SnippetString,
  type TextEditor,
  Uri,
  commands,
  languages,
  window,
  workspace,
} from "vscode";

import { LANGUAGE } from "./client";
import type { Control } from "./control";
import { Optimizer } from "./optimize";
import type { PreviewPanel } from "./preview/panel";
import { explainScore } from "./score";
import { findSimilar, searchPrompts } from "./search";
import { readSnippets } from "./snippets";
import { showStatistics } from "./statistics";
import { checkWorkspace } from "./workspaceCheck";

export function registerCommands(
  context: ExtensionContext,
  server: Control,
  output: LogOutputChannel,
  preview: PreviewPanel,
): Disposable[] {
  const optimizer = new Optimizer(server);
  const table: Record<string, (...args: never[]) => unknown> = {
    "promptls.ui.restart": () => server.start(),
    "promptls.ui.installServer": () => server.install(),
    "promptls.ui.showOutput": () => output.show(),
    "promptls.ui.showMenu": showMenu,
    "promptls.ui.showPreview": (uri?: Uri) => preview.open(uri instanceof Uri ? uri : undefined),
    "promptls.ui.format": format,
    "promptls.ui.checkWorkspace": () => checkWorkspace(server),
    "promptls.ui.search": () => searchPrompts(server),
    "promptls.ui.findSimilar": (uri?: Uri) => findSimilar(server, uri instanceof Uri ? uri : undefined),
    "promptls.ui.optimize": () => optimizer.run(),
    "promptls.ui.showStatistics": () => showStatistics(server),
    "promptls.ui.newPrompt": () => newPrompt(context),
    "promptls.ui.explain": explain,
    "promptls.ui.explainScore": () => explainScore(server),
  };
  return [
    preview,
    optimizer,
    ...Object.entries(table).map(([name, run]) => commands.registerCommand(name, run as (...args: unknown[]) => unknown)),
  ];
}

/** What the status bar's item leads to. */
async function showMenu(): Promise<void> {
  const entries = [
    ["$(open-preview) Show preview to the side", "promptls.ui.showPreview"],
    ["$(dashboard) Explain score", "promptls.ui.explainScore"],
    ["$(sparkle) Optimise prompt…", "promptls.ui.optimize"],
    ["$(checklist) Check all prompts of the workspace", "promptls.ui.checkWorkspace"],
    ["$(search) Search prompts", "promptls.ui.search"],
    ["$(graph) Show statistics", "promptls.ui.showStatistics"],
    ["$(output) Show output", "promptls.ui.showOutput"],
    ["$(refresh) Restart server", "promptls.ui.restart"],
    ["$(cloud-download) Install server", "promptls.ui.installServer"],
    ["$(gear) Settings", "workbench.action.openSettings"],
  ] as const;
  const items = entries.map(([label, command]) => ({ label, command }));
  const chosen = await window.showQuickPick(items, { title: "promptls" });
  if (chosen) {
    await commands.executeCommand(chosen.command, ...(chosen.command.endsWith("openSettings") ? ["promptls"] : []));
  }
}

async function format(): Promise<void> {
  if (activePrompt()) {
    await commands.executeCommand("editor.action.formatDocument");
  }
}

/** A new, unsaved prompt made of one of the templates. */
async function newPrompt(context: ExtensionContext): Promise<void> {
  const items = [...readSnippets(context, "prompts")].map(([label, { description, body }]) => ({
    label,
    detail: description,
    body,
  }));
  const chosen = await window.showQuickPick(items, { title: "New prompt", placeHolder: "What kind of prompt?" });
  if (chosen) {
    const document = await workspace.openTextDocument({ language: LANGUAGE });
    const editor = await window.showTextDocument(document);
    await editor.insertSnippet(new SnippetString(chosen.body.join("\n")));
  }
}

/** Shows the page of a rule: of the finding under the cursor, or of any in the file. */
async function explain(): Promise<void> {
  const editor = activePrompt();
  if (!editor) {
    return;
  }
  const all = languages.getDiagnostics(editor.document.uri).filter(({ source }) => source === "promptls");
  const here = all.filter(({ range }) => range.contains(editor.selection.active));
  const rule = await chooseRule(here.length ? here : all);
  if (rule) {
    await commands.executeCommand("promptls.explainRule", editor.document.uri.toString(), rule);
  }
}

async function chooseRule(findings: readonly Diagnostic[]): Promise<string | undefined> {
  const items = new Map<string, QuickPickItem>();
  for (const finding of findings) {
    const rule = ruleOf(finding);
    if (rule) {
      items.set(rule, { label: rule, detail: finding.message });
    }
  }
  if (items.size === 0) {
    void window.showInformationMessage("promptls has found nothing in this prompt.");
    return undefined;
  }
  const [only, ...others] = items.keys();
  return others.length === 0 ? only : (await window.showQuickPick([...items.values()], { title: "Explain rule" }))?.label;
}

function ruleOf({ code }: Diagnostic): string | undefined {
  const value = typeof code === "object" ? code.value : code;
  return typeof value === "string" && value.includes("/") ? value : undefined;
}

function activePrompt(): TextEditor | undefined {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId === LANGUAGE) {
    return editor;
  }
  void window.showInformationMessage("Open a .prompt file first.");
  return undefined;
}
