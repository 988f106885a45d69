/** The preview beside the editor, in a light theme. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, required } from "./editor.ts";

const workspace = mkdtempSync(path.join(tmpdir(), "samples-"));
cpSync(required("SAMPLES"), workspace, { recursive: true });
const EMOJI = "---\ninput:\n  schema:\n    name: string, who\n---\n{{role \"system\"}}\n😀😀 Greet {{name}} 😀 now.\n";
writeFileSync(path.join(workspace, "emoji.prompt"), EMOJI);

let editor: Editor;
before(async () => {
  const settings = { "promptls.server.path": required("SERVER"), "workbench.colorTheme": "Default Light Modern" };
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

async function preview(file: string): Promise<ReturnType<Editor["preview"]>> {
  await editor.open(file);
  await editor.status("The server is running.").waitFor();
  await editor.page.locator(".editor-actions .action-label[aria-label*='Show Preview']").first().click();
  const page = editor.preview();
  await page.locator("article").first().waitFor();
  return page;
}

test("the messages stand there with their roles and tokens", async () => {
  const page = await preview("partials/welcome.prompt");
  assert.deepEqual(await page.locator("article .role").allInnerTexts(), ["system", "user"]);
  assert.match(await page.locator("article .tokens").first().innerText(), /^(?:about )?\d+ tokens$/);
  assert.match(await page.locator(".facts").innerText(), /openai\/gpt-4\.1-mini.*2 messages.*\d+ tokens/s);
  assert.match(await page.locator("article.system").innerText(), /Write for adults who have never climbed before\./);
  await editor.screenshot("light, preview");
});

test("all of it can be read in a light theme", async () => {
  await preview("partials/welcome.prompt");
  for (const [what, contrast] of await editor.previewContrasts()) {
    assert.ok(contrast >= 4.5, `${what}: ${contrast}`);
  }
});

test("nothing is loaded from outside, and no script but the extension's own runs", async () => {
  const page = await preview("partials/welcome.prompt");
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy ?? "", /^default-src 'none'; style-src \S+(?: \S+)*; script-src 'nonce-[\w-]{20,}'$/);
  const sources = await page.locator("script, link[rel=stylesheet]").evaluateAll((all) =>
    all.map((each) => each.getAttribute("src") ?? each.getAttribute("href") ?? ""),
  );
  const foreign = sources.filter((source) => source && !/promptls\.promptls-[\d.]+\/dist\/(?:preview\.js|style\.css)$/.test(source));
  assert.deepEqual(foreign, []);
});

test("markup in a prompt stays text", async () => {
  const file = "markup.prompt";
  writeFileSync(path.join(workspace, file), '---\nmodel: a/b\n---\n<img src=x onerror="document.title=1"><script>1</script> **bold**\n');
  const page = await preview(file);
  assert.match(await page.locator("article .text").innerText(), /<img src=x onerror="document.title=1"><script>1<\/script> \*\*bold\*\*/);
  assert.equal(await page.locator("article img, article script").count(), 0);
});

test("it follows the typing", async () => {
  const page = await preview("languages/resumen.prompt");
  await editor.page.locator(".editor-instance .view-line").first().click();
  await editor.press("Control+End");
  await editor.type("Una frase nueva.");
  await page.locator("article", { hasText: "Una frase nueva." }).waitFor();
});

test("the form is made from the schema, and what is typed into it is rendered", async () => {
  const page = await preview("partials/welcome.prompt");
  const field = (name: string) => page.locator(".field", { has: page.locator(`.name:text-is("${name}")`) }).last();
  assert.match(await field("name").innerText(), /full name/);
  assert.deepEqual(await field("plan").locator("option").allInnerTexts(), ["day", "month", "year"]);
  await field("name").locator("textarea").fill("Grace <Hopper>");
  await page.locator("article.user", { hasText: "Name: Grace <Hopper>" }).waitFor();
  await field("plan").locator("select").selectOption("year");
  await page.locator("article.user", { hasText: "Plan: year" }).waitFor();
  await field("interests?").locator("button", { hasText: "Add" }).click();
  await field("interests?").locator("textarea").last().fill("bouldering");
  await page.locator("article.user", { hasText: "bouldering" }).waitFor();
  await field("trainer?").locator("textarea").fill("");
  await eventually(() => page.locator("article.user").innerText(), (text) => !text.includes("Trainer:"));
  await page.locator(".reset").click();
  await page.locator("article.user", { hasText: "Name: name" }).waitFor();
});

test("a click leads to the template, to the very character", async () => {
  const page = await preview("emoji.prompt");
  await page.locator(".printed", { hasText: "name" }).click();
  await editor.statusItem("Ln 7, Col 18 (8 selected)").waitFor();
  const literal = page.locator(".piece:not(.printed)", { hasText: "now." });
  const box = await literal.boundingBox();
  await literal.click({ position: { x: box!.width - 3, y: box!.height / 2 } });
  await editor.statusItem(/Ln 7, Col 2[45]$/).waitFor();
});

test("a click on text of a partial opens the partial", async () => {
  const page = await preview("partials/welcome.prompt");
  await page.locator(".piece", { hasText: "State only facts that stand in this prompt" }).first().click();
  await editor.page.locator('.tab[data-resource-name="_guardrails.prompt"]').waitFor();
});

test("the place of the cursor is marked in the preview", async () => {
  const page = await preview("partials/welcome.prompt");
  const text = readFileSync(path.join(workspace, "partials/welcome.prompt"), "utf8").split("Plan: {{plan}}")[0]!;
  await editor.page.locator(".editor-instance .view-line").first().click();
  await editor.goTo(text.split("\n").length, 9);
  await editor.press("ArrowRight");
  await page.locator(".printed.here", { hasText: "day" }).waitFor();
  await editor.screenshot("light, preview at the cursor");
});

test("what is wrong is shown in a light theme", async () => {
  await editor.open("broken/undefined-variable.prompt");
  assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
  await editor.problems("undefined-variable");
  await editor.screenshot("light, a broken prompt");
  await editor.command("View: Hide Panel");
});

test("errors stand above the messages and lead to their place", async () => {
  const page = await preview("broken/missing-partial.prompt");
  const error = page.locator(".errors .error").first();
  await error.waitFor();
  await editor.screenshot("light, preview of a broken prompt");
  await error.locator("button").click();
  await eventually(
    () => editor.statusItem(/^Ln \d+, Col \d+/).innerText(),
    (shown) => !shown.startsWith("Ln 1, Col 1") && /selected/.test(shown),
  );
});

test("it follows the active prompt, in one panel", async () => {
  const page = await preview("chat/support.prompt");
  await editor.open("rag/answer.prompt");
  await page.locator("h1", { hasText: "rag/answer.prompt" }).waitFor();
  assert.equal(await editor.page.locator(".tab", { hasText: "Preview" }).count(), 1);
});
