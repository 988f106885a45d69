/** Workspaces out of the ordinary: not trusted, not on disk, with hundreds of prompts. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";

import { Editor, eventually, pause, processes, required } from "./editor.ts";

const root = mkdtempSync(path.join(tmpdir(), "promptls-workspaces-"));
after(() => rmSync(root, { recursive: true }));
const helper = path.join(import.meta.dirname, "../helper");
const settings = { "promptls.server.path": required("SERVER") };

async function within(name: string, options: object, does: (editor: Editor) => Promise<void>): Promise<void> {
  const editor = await Editor.start({ vsix: required("VSIX"), workspace: root, settings, ...options });
  try {
    await does(editor);
  } catch (error) {
    await editor.screenshot(`failed ${name}`);
    console.log(editor.output().split("\n").slice(-12).join("\n"));
    throw error;
  } finally {
    await editor.stop();
  }
}

test("a workspace that is not trusted runs nothing, until it is", async () => {
  const workspace = path.join(root, "foreign");
  cpSync(required("SAMPLES"), workspace, { recursive: true });
  await within("restricted", { workspace, restricted: true }, async (editor) => {
    await editor.open("broken/undefined-variable.prompt");
    await editor.status("This workspace is not trusted").waitFor();
    await pause(2000);
    assert.deepEqual(processes(required("SERVER")), []);
    assert.deepEqual(await editor.squiggled("warning"), []);
    await editor.screenshot("an untrusted workspace");
    await editor.command("Workspaces: Manage Workspace Trust");
    await editor.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
    await editor.open("broken/undefined-variable.prompt");
    await editor.status("The server is running.").waitFor();
    assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
  });
});

test("a prompt on a remote file system is checked as far as it goes", async () => {
  const workspace = path.join(root, "far.code-workspace");
  writeFileSync(workspace, JSON.stringify({ folders: [{ uri: "vscode-vfs://tests/prompts", name: "far" }] }));
  await within("remote", { workspace, extensions: [helper] }, async (editor) => {
    await editor.page.locator(".explorer-item", { hasText: "far.prompt" }).dblclick();
    await editor.status("The server is running.").waitFor();
    assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
    await editor.page.locator(".editor-actions .action-label[aria-label*='Show Preview']").first().click();
    await editor.preview().locator("article", { hasText: "Read text in" }).waitFor();
    assert.equal(await editor.notification().count(), 0);
    await editor.screenshot("a remote file system");
  });
});

test("200 open prompts", async () => {
  const workspace = path.join(root, "many");
  mkdirSync(workspace);
  for (let index = 0; index < 200; index++) {
    const text = `---\ninput:\n  schema:\n    text: string, number ${index}\n---\nRead {{text}}${index % 2 ? " in {{language}}" : ""}.\n`;
    writeFileSync(path.join(workspace, `prompt-${index}.prompt`), text);
  }
  await within("many", { workspace, extensions: [helper] }, async (editor) => {
    await editor.open("prompt-1.prompt");
    await editor.status("The server is running.").waitFor();
    const began = Date.now();
    await editor.command("Tests: Open Every Prompt");
    await eventually(() => editor.page.locator(".tab").count(), (count) => count === 200, 120);
    await editor.page.locator(".statusbar-item[aria-label*='Warnings: 100']").waitFor({ timeout: 120_000 });
    console.log(`figure: 200 prompts opened, and all their findings there, after ${((Date.now() - began) / 1000).toFixed(0)} s`);
    await editor.open("prompt-7.prompt");
    assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
    assert.equal(await editor.notification().count(), 0);
    await editor.screenshot("200 open prompts");
  });
});
