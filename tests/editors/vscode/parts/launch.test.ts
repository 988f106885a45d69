import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";

import type { ServerCommand } from "../../../../editors/vscode/src/server/discovery";
import { type Conversation, launch } from "../../../../editors/vscode/src/server/launch";
import { Cancelled, Problem } from "../../../../editors/vscode/src/server/problem";
import type { ServerProcess } from "../../../../editors/vscode/src/server/process";
import { type State, Supervisor } from "../../../../editors/vscode/src/server/supervisor";
import { eventually, folder, processes, program } from "./machine";

/** Says "hello" and waits for an answer, as `initialize` does. */
function greeting(server: ServerProcess): Conversation {
  return {
    begin: () =>
      new Promise((resolve) => {
        server.output.once("data", () => resolve());
        server.input.write("hello\n");
      }),
    end: async () => {
      server.input.write("bye\n");
    },
  };
}

const ANSWERS = "read hello; echo hello";
/** Runs until its input ends. Nothing but builtins: a program would be forked, and count as two for a moment. */
const SERVES = `${ANSWERS}; while read; do :; done`;

function command(script: string, origin: ServerCommand["origin"] = "path"): ServerCommand {
  return { program: program(path.join(folder(), "promptls"), script), args: [], origin };
}

function start(server: ServerCommand, signal = new AbortController().signal, patience?: number) {
  return launch(server, greeting, { cwd: undefined, signal, log: () => {}, patience });
}

test("a server that answers is a session, and stopping ends its process", async () => {
  const server = command(SERVES);
  const session = await start(server);
  assert.equal(processes(server.program).length, 1);
  await session.stop();
  assert.deepEqual(processes(server.program), []);
});

test("a server that ignores the end of its input is killed, with its children", async () => {
  const server = command(`trap "" TERM; ${ANSWERS}; sleep 86398 & while true; do sleep 1; done`);
  const session = await start(server);
  await session.stop();
  assert.deepEqual([...processes(server.program), ...processes("sleep 86398")], []);
});

test("a program that is not there", async () => {
  const server: ServerCommand = { program: "/nowhere/promptls", args: [], origin: "setting" };
  await assert.rejects(start(server), (error: Problem) => {
    assert.match(error.message, /\/nowhere\/promptls does not start: it could not be run \(ENOENT\)\. Correct the settings/);
    return error.steps[0] === "settings";
  });
});

test("a server that dies while starting: its last words are told", async () => {
  const server = command("echo 'Traceback …' >&2; echo \"ImportError: no module named 'x'\" >&2; exit 3", "environment");
  await assert.rejects(start(server), /it ended with exit code 3: ImportError: no module named 'x'\. Reinstall promptls in that environment/);
});

test("a server that stays silent is given up, and killed", async () => {
  const server = command("sleep 86397", "own");
  await assert.rejects(start(server, undefined, 0.3), (error: Problem) => {
    assert.match(error.message, /did not answer within 0\.3 seconds\. Reinstall it\./);
    return error.steps[0] === "reinstall";
  });
  assert.deepEqual(processes("sleep 86397"), []);
});

test("starting can be broken off", async () => {
  const controller = new AbortController();
  const server = command("sleep 86396");
  const starting = start(server, controller.signal);
  await eventually(() => processes("sleep 86396"), (found) => found.length > 0);
  controller.abort();
  await assert.rejects(starting, Cancelled);
  assert.deepEqual(processes("sleep 86396"), []);
});

function supervised(script: string, pauses: number[], calm = 60): { supervisor: Supervisor; states: State[]; server: ServerCommand } {
  const server = command(script);
  const states: State[] = [];
  const supervisor = new Supervisor((signal) => start(server, signal), (state) => states.push(state), { pauses, calm });
  return { supervisor, states, server };
}

test("a server that crashes is restarted with growing pauses, and given up in the end", async () => {
  const { supervisor, states } = supervised(`${ANSWERS}; echo 'out of memory' >&2; exit 9`, [0.01, 0.02, 0.04]);
  await supervisor.start();
  await eventually(() => states.at(-1)?.kind, (kind) => kind === "failed");
  assert.deepEqual(
    states.flatMap((state) => (state.kind === "waiting" ? [state.seconds] : [])),
    [0.01, 0.02, 0.04],
  );
  assert.equal(states.filter(({ kind }) => kind === "running").length, 4);
  const last = states.at(-1);
  assert.ok(last?.kind === "failed");
  assert.match(last.problem.message, /stopped 4 times, at last with exit code 9: out of memory\. Restart it, or/);
  assert.deepEqual(last.problem.steps, ["restart", "output"]);
});

test("a server that has run for long starts with a clean record", async () => {
  const { supervisor, states } = supervised(`${ANSWERS}; exit 1`, [0.01], 0);
  await supervisor.start();
  await eventually(() => states.filter(({ kind }) => kind === "waiting").length, (count) => count >= 3);
  await supervisor.stop();
  assert.equal(states.at(-1)?.kind, "stopped");
});

test("a server that cannot be started is not tried again by itself", async () => {
  const { supervisor, states } = supervised("exit 1", [0.01, 0.01]);
  await supervisor.start();
  assert.deepEqual(states.map(({ kind }) => kind), ["starting", "failed"]);
});

test("stopping while it waits for a restart, and while it starts, leaves nothing", async () => {
  const waiting = supervised(`${ANSWERS}; exit 1`, [3600]);
  await waiting.supervisor.start();
  await eventually(() => waiting.states.at(-1)?.kind, (kind) => kind === "waiting");
  await waiting.supervisor.stop();
  assert.equal(waiting.states.at(-1)?.kind, "stopped");

  const starting = supervised("sleep 86395", []);
  const started = starting.supervisor.start();
  await eventually(() => processes("sleep 86395"), (found) => found.length > 0);
  await starting.supervisor.stop();
  await started;
  assert.deepEqual(processes("sleep 86395"), []);
});

test("a restart ends the old process before the new one begins", async () => {
  const { supervisor, states, server } = supervised(SERVES, []);
  await supervisor.start();
  await supervisor.start();
  assert.equal(processes(server.program).length, 1);
  assert.deepEqual(states.map(({ kind }) => kind), ["starting", "running", "stopped", "starting", "running"]);
  await supervisor.stop();
  assert.deepEqual(processes(server.program), []);
});

test("two starts at once make one server", async () => {
  const { supervisor, states, server } = supervised(SERVES, []);
  await Promise.all([supervisor.start(), supervisor.start()]);
  await Promise.all([supervisor.start(), supervisor.start()]);
  await eventually(() => states.at(-1)?.kind, (kind) => kind === "running");
  assert.equal(processes(server.program).length, 1);
  await supervisor.stop();
  assert.deepEqual(processes(server.program), []);
});
