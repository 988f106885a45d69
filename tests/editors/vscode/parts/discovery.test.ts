import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";

import { findServer, nothingFound } from "../../../../editors/vscode/src/server/discovery";
import { Problem } from "../../../../editors/vscode/src/server/problem";
import { WORKS, folder, places, program, run } from "./machine";

const SERVE = ["serve", "--stdio"];

test("a command in the settings goes over everything", async () => {
  const workspace = folder();
  program(path.join(workspace, ".venv/bin/promptls"), WORKS);
  const found = await findServer(
    places({ command: ["uv", "run", "promptls", "serve"], path: "/elsewhere", folders: [workspace] }),
    run,
  );
  assert.deepEqual(found.server, { program: "uv", args: ["run", "promptls", "serve"], origin: "setting" });
});

test("a path in the settings may use ~, ${workspaceFolder}, ${env:…} or be relative", async () => {
  const workspace = folder();
  const file = program(path.join(workspace, "tools/promptls"), WORKS);
  const given = { folders: [workspace], home: path.join(workspace, "tools"), env: { TOOLS: "tools" } };
  for (const written of ["~/promptls", "${workspaceFolder}/tools/promptls", "${workspaceFolder}/${env:TOOLS}/promptls", "tools/promptls", file]) {
    const found = await findServer(places({ ...given, path: written }), run);
    assert.deepEqual(found.server, { program: file, args: SERVE, origin: "setting" }, written);
  }
});

test("a path that leads nowhere is a mistake to mend, not to work around", async () => {
  const workspace = folder();
  program(path.join(workspace, "bin/promptls"), WORKS);
  const wrong = findServer(places({ path: "/nowhere/promptls", env: { PATH: path.join(workspace, "bin") } }), run);
  await assert.rejects(wrong, (error: Problem) => /promptls\.server\.path names \/nowhere\/promptls/.test(error.message));
});

test("the chosen interpreter, .venv, venv, PATH and the extension's own server, in this order", async () => {
  const root = folder();
  const chosen = program(path.join(root, "conda/bin/promptls"), WORKS);
  const dotVenv = program(path.join(root, "project/.venv/bin/promptls"), WORKS);
  const venv = program(path.join(root, "project/venv/bin/promptls"), WORKS);
  const onPath = program(path.join(root, "bin/promptls"), WORKS);
  const own = { program: "/own/python", args: ["-m", "promptls"], origin: "own" } as const;
  const all = {
    interpreter: async () => path.join(root, "conda/bin/python"),
    folders: [path.join(root, "project")],
    env: { PATH: path.join(root, "bin") },
    own: async () => own,
  };
  const first = async (given: object) => (await findServer(places({ ...all, ...given }), run)).server;
  assert.deepEqual(await first({}), { program: chosen, args: SERVE, origin: "environment" });
  assert.deepEqual(await first({ interpreter: async () => undefined }), { program: dotVenv, args: SERVE, origin: "environment" });
  program(dotVenv, "exit 1");
  assert.equal((await first({ interpreter: async () => undefined }))?.program, venv);
  assert.deepEqual(await first({ interpreter: async () => undefined, folders: [] }), { program: onPath, args: SERVE, origin: "path" });
  assert.deepEqual(await first({ interpreter: async () => undefined, folders: [], env: {} }), own);
});

test("a server that does not run is passed over, with its reason", async () => {
  const workspace = folder();
  const broken = program(
    path.join(workspace, ".venv/bin/promptls"),
    "echo Traceback >&2; echo \"ModuleNotFoundError: No module named 'pydantic'\" >&2; exit 1",
  );
  const gone = program(path.join(workspace, "venv/bin/promptls"), WORKS.replace("promptls", "something else"));
  const works = program(path.join(workspace, "bin/promptls"), WORKS);
  const found = await findServer(places({ folders: [workspace], env: { PATH: path.join(workspace, "bin") } }), run);
  assert.equal(found.server?.program, works);
  assert.deepEqual(found.rejected[0], { program: broken, reason: "ModuleNotFoundError: No module named 'pydantic'" });
  assert.equal(found.rejected[1]?.program, gone);
});

test("a program whose interpreter is gone is passed over", async () => {
  const workspace = folder();
  const file = program(path.join(workspace, ".venv/bin/promptls"), "");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(file, "#!/nowhere/python\n");
  const found = await findServer(places({ folders: [workspace] }), run);
  assert.equal(found.server, undefined);
  assert.deepEqual(found.rejected, [{ program: file, reason: "ENOENT" }]);
});

test("relative entries of PATH are not looked into", async () => {
  const found = await findServer(places({ env: { PATH: ".::bin" } }), run);
  assert.deepEqual(found, { server: undefined, rejected: [] });
});

test("on Windows the names are those of Windows", async () => {
  const root = folder();
  const venv = program(path.join(root, ".venv/Scripts/promptls.exe"), WORKS);
  const found = await findServer(places({ platform: "win32", folders: [root] }), run);
  assert.equal(found.server?.program, venv);
});

test("when there is none, the sentence says what to do", () => {
  assert.match(nothingFound([]).message, /not installed.*Python 3\.11/);
  assert.deepEqual(nothingFound([]).steps, ["install", "settings"]);
  const broken = nothingFound([{ program: "/a/promptls", reason: "ENOENT" }]);
  assert.match(broken.message, /\/a\/promptls \(ENOENT\).*Reinstall/);
});
