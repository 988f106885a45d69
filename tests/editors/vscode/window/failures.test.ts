/** What a person sees when the server cannot be had, or does not behave: one message, with a next step. */

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, test } from "node:test";

import { Editor, eventually, pause, processes, required } from "./editor.ts";

const root = mkdtempSync(path.join(tmpdir(), "promptls-failures-"));
const workspace = path.join(root, "samples");
cpSync(required("SAMPLES"), workspace, { recursive: true });
/** The programs of a machine without Python and without promptls. */
const programs = path.join(root, "programs");
mkdirSync(programs);
for (const name of readdirSync("/usr/bin").filter((each) => !/^py|^promptls/.test(each))) {
  symlinkSync(path.join("/usr/bin", name), path.join(programs, name));
}
const PROMPT = "broken/undefined-variable.prompt";

let editor: Editor;
before(async () => {
  const env = { PATH: `${path.dirname(process.execPath)}:${programs}` };
  editor = await Editor.start({ vsix: required("VSIX"), workspace, env });
  await editor.open(PROMPT);
});
after(async () => {
  await editor.stop();
  rmSync(root, { recursive: true });
});
afterEach(async (context) => {
  if ("passed" in context && !context.passed) {
    await editor.screenshot(`failed ${context.name}`);
    console.log(editor.output().split("\n").slice(-12).join("\n"));
  }
  await editor.command("Notifications: Clear All Notifications");
});

/** Writes a program that stands for a server. */
function program(name: string, script: string): string {
  const file = path.join(root, name);
  writeFileSync(file, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  return file;
}

/** Uses another server, as a person does who edits the settings. */
function use(server: string): void {
  editor.set({ "promptls.server.path": server });
}

/** The one message that is shown, with its buttons. */
async function complaint(text: RegExp): Promise<string[]> {
  await editor.notification(text).waitFor();
  await pause(1000);
  assert.equal(await editor.notification().count(), 1, "there is more than one message");
  return editor.notification().locator(".monaco-button").allInnerTexts();
}

test("without a server the extension offers to install one; colours are there", async () => {
  assert.deepEqual(await complaint(/The promptls server is not installed\. The extension can install it/), [
    "Install Server",
    "Open Settings",
  ]);
  await editor.status("The server is not installed.").waitFor();
  assert.deepEqual(await editor.squiggled("warning"), []);
  const colours = await editor.page
    .locator(".view-line span span")
    .evaluateAll((all) => new Set(all.map((each) => getComputedStyle(each).color)).size);
  assert.ok(colours > 3, `${colours} colours`);
  await editor.screenshot("no server");
});

test("without Python it says which one to install", async () => {
  await editor.command("promptls: Install Server");
  const steps = await complaint(/needs Python 3\.11 or newer, and no Python was found\. Install it, or name one in the setting/);
  assert.deepEqual(steps, ["Install Server", "Open Settings"]);
});

test("with an old Python it says that it is too old", async () => {
  program("programs/python3", "echo 3.9");
  await editor.command("promptls: Install Server");
  await complaint(/needs Python 3\.11 or newer, and only python3 is Python 3\.9 was found/);
  rmSync(path.join(programs, "python3"));
});

test("a broken environment is named, with the reason", async () => {
  mkdirSync(path.join(workspace, ".venv/bin"), { recursive: true });
  const server = path.join(workspace, ".venv/bin/promptls");
  writeFileSync(server, "#!/bin/bash\necho \"ModuleNotFoundError: No module named 'pydantic'\" >&2; exit 1\n", { mode: 0o755 });
  await editor.command("promptls: Restart Server");
  const steps = await complaint(/promptls is there, but does not run: .*\.venv\/bin\/promptls \(ModuleNotFoundError: No module named 'pydantic'\)/);
  assert.deepEqual(steps, ["Install Server", "Show Output"]);
  rmSync(path.join(workspace, ".venv"), { recursive: true });
});

test("a path in the settings that leads nowhere is named", async () => {
  use("/nowhere/promptls");
  assert.deepEqual(await complaint(/promptls\.server\.path names \/nowhere\/promptls/), ["Open Settings"]);
  await editor.notification().locator(".monaco-button").click();
  await editor.page.locator(".settings-editor", { hasText: "Server: Path" }).waitFor();
  await editor.press("Escape");
});

test("a server that dies while starting is not tried again by itself; its last words are told", async () => {
  const log = path.join(root, "starts");
  use(program("dies", `echo once >>${log}; echo "ImportError: cannot import name 'x'" >&2; exit 3`));
  const steps = await complaint(/dies does not start: it ended with exit code 3: ImportError: cannot import name 'x'\. Correct the settings/);
  assert.deepEqual(steps, ["Open Settings", "Show Output"]);
  await editor.status("does not start").waitFor();
  await editor.screenshot("a server that does not start");
  assert.equal(readFileSync(log, "utf8"), "once\n");
});

test("a server that never answers is given up after 30 s, and ended", async () => {
  use(program("hangs", "sleep 86394"));
  await editor.status("The server is starting.").waitFor();
  await editor.notification(/hangs does not start: it did not answer within 30 seconds/).waitFor();
  await complaint(/hangs does not start/);
  assert.deepEqual(processes("sleep 86394"), []);
});

test("a server that crashes is restarted three times with growing pauses, then given up; Restart begins anew", async () => {
  const log = path.join(root, "crash-times");
  const crashes = `date +%s.%N >>${log}; (sleep 2; echo 'out of memory' >&2; kill -9 $$) & exec ${required("SERVER")} "$@"`;
  use(program("crashes", crashes));
  await editor.status("It starts again in").waitFor();
  await editor.status("The server is running.").waitFor();
  await editor.notification(/The promptls server stopped 4 times, at last with signal SIGKILL/).waitFor({ timeout: 120_000 });
  assert.deepEqual(await complaint(/stopped 4 times/), ["Restart", "Show Output"]);
  await editor.screenshot("a server that crashes");
  const starts = readFileSync(log, "utf8").trim().split("\n").map(Number);
  const pauses = starts.slice(1).map((time, index) => time - starts[index]!);
  assert.equal(pauses.length, 3);
  assert.ok(pauses[0]! < pauses[1]! && pauses[1]! < pauses[2]!, String(pauses));
  assert.deepEqual(processes(required("SERVER")), []);
  program("crashes", `exec ${required("SERVER")} "$@"`);
  await editor.notification().locator(".monaco-button", { hasText: "Restart" }).click();
  await editor.status("The server is running.").waitFor();
  assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
});

test("a server that is killed comes back by itself, without a message", async () => {
  use(required("SERVER"));
  await eventually(async () => processes(required("SERVER")).length, (count) => count === 1);
  await editor.status("The server is running.").waitFor();
  await eventually(() => editor.squiggled("warning"), (words) => words.length > 0);
  const [{ id }] = processes(required("SERVER")) as [{ id: number }];
  process.kill(id, "SIGKILL");
  await eventually(async () => processes(required("SERVER")), ([now]) => now !== undefined && now.id !== id);
  await editor.status("The server is running.").waitFor();
  assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
  assert.equal(await editor.notification().count(), 0);
});

test("Install Server leads from nothing to findings, and what it installed needs no network", async () => {
  editor.set({ "promptls.server.python": required("PYTHON") });
  await editor.notification(/The promptls server is not installed/).waitFor();
  const began = Date.now();
  await editor.notification().locator(".monaco-button", { hasText: "Install Server" }).click();
  await editor.status("The server is being installed.").waitFor();
  await editor.notification(/Installing the promptls server/).waitFor();
  await pause(1500);
  await editor.screenshot("installing the server");
  await editor.status("The server is running.").waitFor({ timeout: 400_000 });
  assert.deepEqual(await eventually(() => editor.squiggled("warning"), (words) => words.length > 0), ["language"]);
  console.log(`figure: from Install Server to the first squiggle: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  assert.equal(processes(path.join(editor.folder, "data/User/globalStorage/promptls.promptls/server/server-")).length, 1);
  await editor.command("promptls: Restart Server");
  await editor.status("The server is running.").waitFor();
});
