/** Searching all prompts of the workspace, open or not. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, required } from "./editor.ts";

const workspace = mkdtempSync(path.join(tmpdir(), "samples-"));
cpSync(required("SAMPLES"), workspace, { recursive: true });
writeFileSync(path.join(workspace, "emoji.prompt"), "---\nmodel: a/b\n---\n😀😀 Count the zebras.\n");
writeFileSync(path.join(workspace, "rag/verse.prompt"), `${readFileSync(path.join(workspace, "rag/answer.prompt"), "utf8")}In verse.\n`);

let editor: Editor;
before(async () => {
  const settings = { "promptls.server.path": required("SERVER"), "workbench.colorTheme": "Default Dark Modern" };
  editor = await Editor.start({ vsix: required("VSIX"), workspace, settings });
  await editor.open("languages/resumen.prompt");
  await editor.status("The server is running.").waitFor();
});
after(async () => {
  await editor.stop();
  rmSync(workspace, { recursive: true });
});
afterEach(async (context) => {
  if ("passed" in context && !context.passed) {
    await editor.screenshot(`failed ${context.name}`);
    console.log(editor.output().split("\n").slice(-8).join("\n"));
  }
  await editor.closeAll();
});

const box = () => editor.page.locator(".quick-input-widget:visible");
const rows = () => box().locator(".monaco-list-row");

/** Opens the search and types a query. */
async function search(query: string): Promise<void> {
  await editor.command("promptls: Search Prompts");
  await box().locator(".quick-input-title", { hasText: "Search prompts" }).waitFor();
  await editor.type(query);
}

/** The names of what is offered, once they are these. */
async function offers(...names: string[]): Promise<void> {
  const shown = () => rows().locator(".label-name").allInnerTexts();
  await eventually(shown, (now) => names.every((name, index) => now[index]?.trim() === name), 20);
}

test("what is typed is searched for, and shown with the words around it", async () => {
  await search("customer boo");
  await offers("support");
  assert.match(await rows().first().innerText(), /chat\/support\.prompt.*customers of Foxglove Books/s);
  await editor.screenshot("dark, search");
});

test("a prompt opens where it has the words", async () => {
  await search('"single sign-on"');
  await offers("saas");
  await editor.press("Enter");
  await editor.page.locator('.tab.active[data-resource-name="saas.prompt"]').waitFor();
  await editor.statusItem(/^Ln 38, Col \d+ \(\d+ selected\)/).waitFor();
});

test("Enter at once means all that was typed; the place is right behind characters that take two units", async () => {
  await search("zebras");
  await editor.press("Enter");
  await editor.statusItem("Ln 4, Col 20 (6 selected)").waitFor();
});

test("fields narrow it down", async () => {
  await search("tag:support model:gpt");
  await offers("support");
  await eventually(() => rows().count(), (count) => count === 1);
});

test("text that is not saved is found", async () => {
  await editor.open("chat/support.prompt");
  await editor.press("Control+End");
  await editor.type("Mention the walrus.");
  await search("walrus");
  await offers("support");
});

test("a misspelt word is mended by taking the advice", async () => {
  await search("suport");
  const advice = rows().filter({ hasText: "Did you mean support?" });
  await advice.waitFor();
  await advice.click();
  await rows().filter({ hasText: "chat/support.prompt" }).waitFor();
  assert.equal(await box().locator("input[type=text]").inputValue(), "support");
});

test("nothing found is said", async () => {
  await search("xyzzyplugh");
  await rows().filter({ hasText: "No prompt has these words." }).waitFor();
});

test("the order can be changed; scores and tokens stand there", async () => {
  await search("text");
  await eventually(() => rows().count(), (count) => count > 3);
  await box().locator(".action-label[aria-label='Sort: best score first']").click();
  await box().locator(".quick-input-title", { hasText: "best score first" }).waitFor();
  const scores = await eventually(
    async () => (await rows().allInnerTexts()).map((text) => Number(/score (\d+) · \d+ tokens/.exec(text)?.[1])),
    (found) => found.length > 3 && found.every((score, index) => index === 0 || score <= found[index - 1]!),
  );
  assert.ok(scores[0]! > scores.at(-1)!, String(scores));
  await editor.screenshot("dark, search by score");
});

test("prompts that say much the same are shown for the active one, and for one that was found", async () => {
  await editor.open("rag/verse.prompt");
  await editor.command("promptls: Find Similar Prompts");
  await box().locator(".quick-input-title", { hasText: "Prompts like rag/verse.prompt" }).waitFor();
  await offers("answer");
  assert.match(await rows().first().innerText(), /9\d % the same/);
  await editor.screenshot("dark, similar prompts");
  await editor.type("zebras");
  await offers("emoji");
  await editor.press("Escape");
  await search("verse");
  await offers("verse");
  await rows().first().hover();
  await rows().first().locator(".action-label[aria-label*='Find similar prompts']").click();
  await box().locator(".quick-input-title", { hasText: "Prompts like rag/verse.prompt" }).waitFor();
  await offers("answer");
  await editor.press("Enter");
  await editor.page.locator('.tab.active[data-resource-name="answer.prompt"]').waitFor();
});
