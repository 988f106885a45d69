/** What the person has set, as opposed to what VS Code fills in: a default must not override a promptls.toml. */

import { type WorkspaceConfiguration, commands, env, workspace } from "vscode";

export const SECTION = "promptls";

/** What stands below `promptls.` for this extension and not for the server. */
const OWN = new Set(["server", "trace"]);

/** The server's settings that were set explicitly, nested as their names say; `keys` are all that could be. */
export function serverSettings(keys: readonly string[]): Record<string, unknown> {
  const configuration = workspace.getConfiguration();
  const settings: Record<string, unknown> = {};
  for (const key of keys) {
    const [, ...names] = key.split(".");
    const value = OWN.has(names[0] ?? "") ? undefined : explicit(configuration, key);
    if (value !== undefined) {
      put(settings, names, value);
    }
  }
  return settings;
}

/** What the person has set; VS Code fills in a value for every setting that has none. */
export function explicit(configuration: WorkspaceConfiguration, key: string): unknown {
  const found = configuration.inspect(key);
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
}

function put(target: Record<string, unknown>, names: readonly string[], value: unknown): void {
  const [first, ...rest] = names;
  if (rest.length) {
    put((target[first!] ??= {}) as Record<string, unknown>, rest, value);
  } else {
    target[first!] = value;
  }
}

/** Opens the settings of `promptls.server`: they are the machine's, which is another one in a remote window. */
export function openServerSettings(): Thenable<unknown> {
  const command = env.remoteName ? "workbench.action.openRemoteSettings" : "workbench.action.openSettings";
  return commands.executeCommand(command, { query: `${SECTION}.server` });
}
