import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";

import { Problem } from "../../../../editors/vscode/src/server/problem";
import { findPython } from "../../../../editors/vscode/src/server/python";
import type { Run } from "../../../../editors/vscode/src/server/run";
import { folder, program, run } from "./machine";

/** A computer on which programs answer with a version, or an error. */
function computer(answers: Record<string, { version?: string; error?: string; code?: number; stderr?: string }>): Run {
  return async (name) => {
    const { version, error = version ? undefined : "ENOENT", code = 0, stderr = "" } = answers[name] ?? {};
    return { code: error ? null : code, stdout: version ? `${version}\n` : "", stderr, error, timedOut: false };
  };
}

test("the first that is new enough is taken", async () => {
  const machine = computer({ python3: { version: "3.9" }, "python3.12": { version: "3.12" } });
  assert.equal(await findPython([], "linux", machine), "python3.12");
});

test("what was chosen comes first", async () => {
  const machine = computer({ "/my/python": { version: "3.13" }, python3: { version: "3.12" } });
  assert.equal(await findPython(["/my/python"], "linux", machine), "/my/python");
});

test("no Python at all", async () => {
  await assert.rejects(findPython([], "linux", computer({})), /needs Python 3\.11 or newer, and no Python was found\. Install it/);
});

test("only an old Python", async () => {
  const machine = computer({ python3: { version: "3.8" }, python: { version: "2.7" } });
  await assert.rejects(findPython([], "linux", machine), /only python3 is Python 3\.8 was found/);
});

test("a Python without the module venv, as Debian ships it", async () => {
  const machine = computer({ python3: { version: "3.12", code: 1, stderr: "ModuleNotFoundError: No module named 'ensurepip'" } });
  await assert.rejects(findPython([], "linux", machine), (error: Problem) =>
    /cannot make virtual environments \(ModuleNotFoundError: No module named 'ensurepip'\)\. Install the package python3-venv/.test(error.message),
  );
});

test("the launcher of Windows says which Python it starts", async () => {
  const machine: Run = async (name, args) => ({
    code: name === "py" ? 0 : null,
    stdout: args.at(-1)?.includes("executable") ? "C:\\Python312\\python.exe\n" : "3.12\n",
    stderr: "",
    error: name === "py" ? undefined : "ENOENT",
    timedOut: false,
  });
  assert.equal(await findPython([], "win32", machine), "C:\\Python312\\python.exe");
});

test("a real program that prints nonsense, or fails, is passed over", async () => {
  const good = program(path.join(folder(), "python"), "echo 3.12");
  const bad = program(path.join(folder(), "python"), "echo hello; exit 0");
  assert.equal(await findPython([bad, good], "linux", run), good);
});
