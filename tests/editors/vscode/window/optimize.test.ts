/** What a person sees of the optimiser: the light bulb's refactor preview, a diff to take or leave, a model that answers. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, required } from "./editor.ts";

const FILE = "ticket.prompt";
const TEXT = `---
model: googleai/gemini-2.5-flash
input:
  schema:
    ticket: string
---
{{#role "system"}}
You sort tickets 😀. Please try to be very good if possible.
Explain every detail at length.
Never write more than 40 words.
{{/role}}
{{#role "user"}}
Please sort this ticket: {{ticket}}
{{/role}}
`;

const workspace = mkdtempSync(path.join(tmpdir(), "optimize-"));
let model: Server;
let editor: Editor;
before(async () => {
  model = createServer(answerer).listen(0, "127.0.0.1");
  await new Promise((resolve) => model.once("listening", resolve));
  const { port } = model.address() as AddressInfo;
  writeFileSync(path.join(workspace, FILE), TEXT);
  writeFileSync(
    path.join(workspace, "promptls.toml"),
    `[llm]\nprovider = "vllm"\nbase-url = "http://127.0.0.1:${port}/v1"\nmodel = "m"\n`,
  );
  const settings = { "promptls.server.path": required("SERVER"), "workbench.colorTheme": "Default Dark Modern" };
  editor = await Editor.start({ vsix: required("VSIX"), workspace, settings });
});
after(async () => {
  await editor.stop();
  model.close();
  rmSync(workspace, { recursive: true });
});
afterEach(async (context) => {
  if ("passed" in context && !context.passed) {
    await editor.screenshot(`failed ${context.name}`);
    console.log(editor.output().split("\n").slice(-8).join("\n"));
  }
  await editor.closeAll();
});

/** A model that finds one contradiction and mends it. */
function answerer(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as {
      messages: { content: string }[];
      response_format: { json_schema: { name: string } };
    };
    const { name } = asked.response_format.json_schema;
    const last = asked.messages.at(-1)!.content;
    const issue = {
      quote: "Explain every detail at length.",
      problem: "Forty words cannot explain every detail.",
      suggestion: "Name the audience instead.",
    };
    const template = /<template>\n([\s\S]*?)\n<\/template>/.exec(last)?.[1] ?? "";
    const answer =
      name === "rewrite"
        ? { prompt: template.replace(issue.quote, "Give the team that owns each ticket and the reason, for the support desk.") }
        : { issues: name === "contradictions" ? [issue] : [] };
    const chunk = (delta: object, finish: string | null): string =>
      `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${chunk({ role: "assistant", content: JSON.stringify(answer) }, null)}${chunk({}, "stop")}data: [DONE]\n\n`);
  });
}

async function choose(title: string): Promise<void> {
  const action = editor.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
  await eventually(
    async () => {
      await editor.press("Escape", "Control+Shift+R");
      return action.waitFor({ timeout: 3000 }).then(() => true, () => false);
    },
    Boolean,
  );
  await editor.screenshot(`dark, actions with ${title.toLowerCase().replaceAll(/\W+/g, " ").trim()}`);
  await action.click();
}

test("the light bulb's steps are previewed before they are taken", async () => {
  await editor.open(FILE);
  await editor.goTo(8, 3);
  await choose("Optimise statically");
  const preview = editor.page.locator(".bulk-edit-panel");
  await preview.waitFor();
  await editor.screenshot("dark, refactor preview");
  await editor.page.locator("a[aria-label^='Group Changes By Type']:visible").first().click();
  await eventually(
    async () => (await preview.innerText()).replaceAll("\u00a0", " "),
    (shown) => shown.includes("Fence text that comes from outside") && /score \d+ → \d+, \d+ → \d+ tokens/.test(shown),
  );
  await editor.screenshot("dark, refactor preview by step");
  assert.match(await editor.visibleText(), /\{\{#role "system"\}\}/, "nothing is changed yet");
  // The first step's file: below the name of the step.
  await preview.locator(".monaco-list-row").locator("input, [role=checkbox], .monaco-checkbox, .monaco-custom-toggle").first().click();
  await preview.locator(".monaco-button", { hasText: "Apply" }).click();
  await eventually(() => editor.visibleText(), (text) => text.includes("<ticket>{{ticket") && text.includes("{{/role}}"));
});

test("the palette shows a model's outcome as a diff, and takes it when told to", async () => {
  await editor.open(FILE);
  await editor.command("promptls: Optimise Prompt…");
  await editor.page.locator(".quick-input-widget .monaco-list-row", { hasText: "(quick)" }).click();
  const message = editor.page.locator(".notification-toast", { hasText: "Optimised" });
  const seen = new Set<string>();
  await eventually(
    async () => {
      (await editor.page.locator(".notification-toast").allInnerTexts()).forEach((each) => seen.add(each));
      return [...seen].join("\n");
    },
    (shown) => /Optimised: score \d+ → \d+, .* tokens, 4 calls/.test(shown),
  );
  await editor.page.locator(".monaco-diff-editor").waitFor();
  await editor.screenshot("dark, diff of an optimised prompt");
  await message.locator("a.monaco-button", { hasText: "Accept" }).click();
  await eventually(() => editor.visibleText(), (text) => text.includes("support desk") && !text.includes("every detail"));
});
