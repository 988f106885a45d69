/** What a person sees of the score and of tokens: lenses, hover, hints, the status bar, quick fixes, the explanation. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, pause, required } from "./editor.ts";

const FILE = "parcel.prompt";
const TEXT = `---
model: openai/gpt-4o
input:
  schema:
    question: string, what the customer asks
    orders(array):
      id: string
      status: string
  default:
    question: Where is my parcel?
output:
  format: json
---
{{role "system"}}
You are a support agent of a shop. Please note that it is important to be helpful.
Always answer in English. Try to keep it short, maybe with some details and stuff.
Answer as JSON.

{{role "user"}}
Orders:
{{#each orders}}
- {{id}}: {{status}}
{{/each}}
{{question}}
`;

const workspace = mkdtempSync(path.join(tmpdir(), "score-"));
writeFileSync(path.join(workspace, FILE), TEXT);
const SETTINGS = { "promptls.server.path": required("SERVER"), "workbench.colorTheme": "Default Dark Modern" };

let editor: Editor;
before(async () => {
  editor = await Editor.start({ vsix: required("VSIX"), workspace, settings: SETTINGS });
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

function lenses(): Promise<string[]> {
  return editor.page.locator(".codelens-decoration").allInnerTexts();
}

async function lensesSay(...patterns: RegExp[]): Promise<string> {
  const fits = (shown: string): boolean => patterns.every((each) => each.test(shown));
  return eventually(async () => (await lenses()).join("\n").replaceAll("\u00a0", " ").replace(/\s+\|\s+/g, " | "), fits);
}

test("lenses say score, tokens and cost above the prompt, and tokens above each message", async () => {
  await editor.open(FILE);
  await lensesSay(
    /^Score \d+ \(\w+ \d+\) \| \d+ tokens \+ 1 variable · \$0\.\d+ · prefix \d+$/m,
    /^system · \d+ tokens$/m,
    /^user · \d+ tokens \+ \{\{orders\}\}$/m,
  );
  await editor.screenshot("dark, lenses");
});

test("lenses follow the text", async () => {
  await editor.open(FILE);
  const before = await lensesSay(/^system · \d+ tokens$/m);
  await editor.goTo(17, 16);
  await editor.type(" Name the parcel, the date and the carrier.");
  await eventually(
    async () => (await lenses()).join("\n"),
    (shown) => /system · \d+ tokens/.test(shown) && /system.*/.exec(shown)![0] !== /system.*/.exec(before)![0],
  );
});

test("hover on the first line shows four dimensions, and what mending would earn", async () => {
  await editor.open(FILE);
  await lensesSay(/Score \d+/);
  await editor.goTo(1, 2);
  const shown = await eventually(
    async () => {
      await editor.press("Escape");
      await editor.press("Control+K", "Control+I");
      await pause(500);
      return (await editor.page.locator(".monaco-hover:visible").allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
    },
    (text) => text.includes("What mending would earn"),
  );
  for (const dimension of ["clarity", "specificity", "structure", "completeness"]) {
    assert.match(shown, new RegExp(`${dimension} +[█░]{20} +\\d+`));
  }
  await editor.screenshot("dark, hover with the score explained");
  await editor.page.locator(".monaco-hover:visible a", { hasText: "line 15" }).first().click();
  await editor.statusItem(/^Ln 15, Col/).waitFor();
});

test("the status bar shows score and tokens, and leads to the explanation", async () => {
  await editor.open(FILE);
  const item = editor.statusItem(/^\s*\d+ · \d+ tokens$/);
  await item.waitFor();
  await item.hover();
  await eventually(
    async () => (await editor.page.locator(".monaco-hover:visible").allInnerTexts()).join("\n"),
    (text) => /Score \d+ of 100/.test(text) && text.includes("specificity"),
  );
  await editor.screenshot("dark, status bar");
  await item.click();
  const page = editor.preview();
  await page.locator("h1", { hasText: /^Score of parcel\.prompt: \d+ of 100$/ }).waitFor();
  await page.locator("h2", { hasText: "What mending would earn" }).waitFor();
  await editor.screenshot("dark, the score explained");
});

test("clicking lenses opens the explanation and the preview", async () => {
  await editor.open(FILE);
  await lensesSay(/Score \d+/, /tokens \+ 1 variable/);
  await editor.page.locator(".codelens-decoration a", { hasText: /^Score/ }).click();
  await editor.preview().locator("h1", { hasText: "Score of parcel.prompt" }).waitFor();
  await editor.closeAll();
  await editor.open(FILE);
  await lensesSay(/^user · \d+ tokens/m);
  await editor.page.locator(".codelens-decoration a", { hasText: /^user/ }).click();
  await editor.preview().locator("article.system").waitFor();
});

test("the palette explains the score", async () => {
  await editor.open(FILE);
  await editor.statusItem(/^\s*\d+ · \d+ tokens$/).waitFor();
  await editor.command("promptls: Explain Score");
  await editor.preview().locator("h1", { hasText: "Score of parcel.prompt" }).waitFor();
});

test("quick fixes say the points that they earn", async () => {
  await editor.open(FILE);
  await lensesSay(/Score \d+/);
  await editor.goTo(15, 40);
  const action = editor.page.locator(".action-widget .monaco-list-row", { hasText: /\(\+\d+ points?\)/ }).first();
  await eventually(
    async () => {
      await editor.press("Escape", "Control+.");
      return action.waitFor({ timeout: 2000 }).then(() => true, () => false);
    },
    Boolean,
  );
  await editor.screenshot("dark, a quick fix and its points");
});

test("tokens stand beside roles where the settings want it, and lenses can be switched off", async () => {
  await editor.open(FILE);
  await lensesSay(/Score \d+/);
  assert.doesNotMatch(await editor.visibleText(), /\}\} *\d+ tokens/);
  editor.set({ ...SETTINGS, "promptls.editor.lenses": false });
  await eventually(lenses, (shown) => shown.length === 0);
  await eventually(() => editor.visibleText(), (text) => /\{\{role "system"\}\} *\d+ tokens/.test(text));
  await editor.screenshot("dark, tokens as inlay hints");
  editor.set({ ...SETTINGS, "promptls.editor.tokenHints": "never" });
  await lensesSay(/Score \d+/);
  await eventually(() => editor.visibleText(), (text) => !/\}\} *\d+ tokens/.test(text));
  editor.set(SETTINGS);
});

test("lenses and hover can be read in a light theme", async () => {
  editor.set({ ...SETTINGS, "workbench.colorTheme": "Default Light Modern" });
  await editor.open(FILE);
  await lensesSay(/Score \d+/, /tokens \+ 1 variable/);
  await editor.goTo(1, 2);
  await editor.press("Control+K", "Control+I");
  await editor.page.locator(".monaco-hover:visible", { hasText: "What mending would earn" }).waitFor();
  await editor.screenshot("light, hover with the score explained");
  editor.set(SETTINGS);
});
