/** The versions of a prompt, and the figures of all of them. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, required } from "./editor.ts";

const workspace = mkdtempSync(path.join(tmpdir(), "samples-"));
cpSync(required("SAMPLES"), workspace, { recursive: true });

let editor: Editor;
before(async () => {
  const settings = { "promptls.server.path": required("SERVER"), "workbench.colorTheme": "Default Dark Modern" };
  editor = await Editor.start({ vsix: required("VSIX"), workspace, settings });
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

const lens = (text: RegExp) => editor.page.locator(".codelens-decoration a", { hasText: text }).first();

/** Adds a line at the end, and goes back to the first one, where the lens is. */
async function append(line: string): Promise<void> {
  await editor.page.locator(".editor-instance .view-line").first().click();
  await editor.press("Control+End", "Enter");
  await editor.type(line);
  await editor.press("Control+Home");
}

test("a lens tells the version, how many there are, and what the next one will be", async () => {
  await editor.open("languages/resumen.prompt");
  await editor.status("The server is running.").waitFor();
  await append("Una frase nueva.");
  await editor.save();
  await lens(/^v\d+\.\d+\.\d+, 1 version$/).waitFor();
  await append("Y otra frase.");
  await lens(/^v\d+\.\d+\.\d+, 1 version, next v\d+\.\d+\.\d+ \(patch\)$/).waitFor();
  await editor.save();
  await lens(/^v\d+\.\d+\.\d+, 2 versions$/).waitFor();
  await editor.screenshot("dark, version lens");
});

test("the lens leads to what each version changed", async () => {
  await editor.open("languages/resumen.prompt");
  await lens(/2 versions$/).click();
  const page = editor.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await page.locator("h1, h2", { hasText: /\d+\.\d+\.\d+/ }).first().waitFor();
  await editor.screenshot("dark, the changes of a prompt");
});

test("the statistics are a page with plots, in the colours of the theme", async () => {
  await editor.open("languages/resumen.prompt");
  await editor.status("The server is running.").waitFor();
  await editor.command("promptls: Show Statistics");
  const page = editor.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  await page.locator("h1", { hasText: `Prompts of ${path.basename(workspace)}` }).waitFor();
  assert.ok((await page.locator("svg.plot").count()) >= 3);
  assert.match(await page.locator(".tiles").innerText(), /\d+\s+prompts.*\d+\s+mean score.*2\s+versions recorded/is);
  await page.locator(".card", { hasText: "Score over time" }).locator("svg path").first().waitFor();
  const colour = () => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  const [red] = /\d+/.exec(await colour())!;
  assert.ok(Number(red) < 60, await colour());
  await editor.screenshot("dark, statistics");
  const sources = await page.locator("script, img, link, iframe").count();
  assert.equal(sources, 0);
  await eventually(() => editor.notification().count(), (count) => count === 0);
});
