import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { type Bundle, Installation, compareVersions, readBundle } from "../../../../editors/vscode/src/server/installation";
import { Cancelled, Problem } from "../../../../editors/vscode/src/server/problem";
import { eventually, folder, processes, program, run } from "./machine";

/** Does as Python does, as far as the installation asks it to: `venv` copies it, `pip` does what FAKE_PIP says. */
const PYTHON = `
here=$(readlink -f "$0")
case "$*" in
  *ensurepip*) echo 3.12 ;;
  *"-m venv"*) mkdir -p "\${@: -1}/bin" && cp "$here" "\${@: -1}/bin/python" ;;
  *"-m pip"*--require-hashes*) echo "Collecting pydantic==2.11"; echo "Installing collected packages: pydantic"; eval "$FAKE_PIP" ;;
  *"-m pip"*) ;;
  *--version*) echo "promptls 0.2.0" ;;
esac`;

interface Setup {
  readonly storage: string;
  readonly installation: Installation;
  readonly install: (signal?: AbortSignal) => Promise<string[]>;
}

function setup(version = "0.2.0", digest = "one", storage = path.join(folder(), "storage")): Setup {
  const python = program(path.join(folder(), "python3"), PYTHON);
  const bundle: Bundle = { folder: "/bundle", version, wheel: "promptls.whl", requirements: "requirements.txt", digest };
  const installation = new Installation(storage, bundle, run);
  const install = async (signal = new AbortController().signal): Promise<string[]> => {
    const steps: string[] = [];
    await installation.install({ pythons: [python], progress: { report: (step) => steps.push(step) }, signal, log: () => {} });
    return steps;
  };
  return { storage, installation, install };
}

function withPip<T>(does: string, action: () => Promise<T>): Promise<T> {
  process.env["FAKE_PIP"] = does;
  return action().finally(() => delete process.env["FAKE_PIP"]);
}

test("the server is installed, found again, and started without the user's Python settings", async () => {
  const { storage, installation, install } = setup();
  assert.equal(await installation.command(), undefined);
  assert.deepEqual(await install(), [
    "looking for Python",
    "making a Python environment",
    "downloading packages",
    "pydantic",
    "installing packages",
    "installing promptls 0.2.0",
    "trying it",
  ]);
  const command = await new Installation(storage, undefined, run).command();
  assert.equal(command?.origin, "own");
  assert.deepEqual(command?.args, ["-I", "-m", "promptls", "serve", "--stdio"]);
  assert.ok(existsSync(command.program));
});

test("a newer wheel makes it outdated; the same or an older one does not", async () => {
  const { storage, installation, install } = setup("0.2.0", "one");
  assert.equal(await installation.isOutdated(), false);
  await install();
  const other = (version: string, digest: string) => setup(version, digest, storage).installation.isOutdated();
  assert.equal(await installation.isOutdated(), false);
  assert.equal(await other("0.2.0", "rebuilt"), true);
  assert.equal(await other("0.10.0", "newer"), true);
  assert.equal(await other("0.1.9", "older"), false);
});

test("an upgrade leaves the old server in place while somebody may use it, and removes it when nobody can", async () => {
  const { storage, install } = setup("0.2.0", "one");
  await install();
  const [old] = readdirSync(storage).filter((name) => name.startsWith("server-"));
  await setup("0.3.0", "two", storage).install();
  assert.equal(readdirSync(storage).filter((name) => name.startsWith("server-")).length, 2);
  const longAgo = new Date(Date.now() - 30 * 24 * 3600_000);
  utimesSync(path.join(storage, old!), longAgo, longAgo);
  await setup("0.4.0", "three", storage).install();
  assert.ok(!readdirSync(storage).includes(old!));
  assert.equal(JSON.parse(readFileSync(path.join(storage, "current.json"), "utf8")).version, "0.4.0");
});

test("a cancelled installation stops pip, leaves nothing, and keeps what was there", async () => {
  const { storage, installation, install } = setup();
  await install();
  const before = await installation.command();
  const controller = new AbortController();
  const cancelled = withPip("sleep 86399", () => install(controller.signal));
  await eventually(() => processes("sleep 86399"), (found) => found.length > 0);
  controller.abort();
  await assert.rejects(cancelled, Cancelled);
  assert.deepEqual(await eventually(() => processes("sleep 86399"), (found) => found.length === 0), []);
  assert.equal(readdirSync(storage).filter((name) => name.startsWith("server-")).length, 1);
  assert.deepEqual(await installation.command(), before);
});

const FAILURES: [string, string, RegExp][] = [
  ["no network", "echo 'WARNING: Retrying after NewConnectionError: Temporary failure in name resolution' >&2; exit 1", /registry could not be reached.*Check the network/],
  ["a foreign certificate", "echo 'SSLError(CERTIFICATE_VERIFY_FAILED)' >&2; exit 1", /certificate is not trusted.*PIP_CERT/],
  ["a full disk", "echo 'ERROR: Could not install packages: [Errno 28] No space left on device' >&2; exit 1", /disk is full.*Free about 150 MB/],
  ["a swapped package", "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE' >&2; exit 1", /not the expected one.*mirror/],
  ["anything else", "echo 'ERROR: something new' >&2; echo more >&2; exit 3", /ERROR: something new.*The output has the details/],
];
for (const [name, pip, message] of FAILURES) {
  test(`pip fails for ${name}: one sentence with the next step, and nothing is left`, async () => {
    const { storage, install } = setup();
    await assert.rejects(withPip(pip, () => install()), (error: Problem) => message.test(error.message) && error.steps.includes("output"));
    assert.deepEqual(readdirSync(storage), []);
  });
}

test("storage that cannot be written", async () => {
  const file = path.join(folder(), "file");
  writeFileSync(file, "");
  const { install } = setup("0.2.0", "one", path.join(file, "storage"));
  await assert.rejects(install(), (error: Problem) => /cannot be written \(ENOTDIR\).*Make that folder writable/.test(error.message));
});

test("read-only storage", async () => {
  // Root may write everywhere but where the kernel says no.
  const storage = process.getuid?.() === 0 ? "/sys/promptls" : path.join(folder(), "storage");
  if (storage !== "/sys/promptls") {
    mkdirSync(storage);
    chmodSync(storage, 0o500);
  }
  await assert.rejects(setup("0.2.0", "one", storage).install(), /cannot be written \(E[A-Z]+\).*Make that folder writable/);
});

test("a build without a wheel", async () => {
  assert.equal(await readBundle(folder()), undefined);
  const empty = new Installation(folder(), undefined, run);
  const install = empty.install({ pythons: [], progress: { report() {} }, signal: new AbortController().signal, log() {} });
  await assert.rejects(install, (error: Problem) => /carries no server.*pip install promptls/.test(error.message));
});

test("a record that points elsewhere, or to nothing, is as good as none", async () => {
  const storage = folder();
  for (const record of ['{"folder": "../x"}', '{"folder": "server-gone"}', "{", "null"]) {
    writeFileSync(path.join(storage, "current.json"), record);
    assert.equal(await new Installation(storage, undefined, run).command(), undefined, record);
  }
});

test("versions are compared by their numbers", () => {
  assert.ok(compareVersions("0.10.0", "0.9.9") > 0);
  assert.ok(compareVersions("1.0", "1.0.1") < 0);
  assert.equal(compareVersions("1.2.0", "1.2"), 0);
});
