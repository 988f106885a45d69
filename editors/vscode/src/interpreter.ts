/** The Python interpreter that the person has chosen for the workspace, if the Python extension is there to know it. */

import { type Disposable, extensions, workspace } from "vscode";

/** As much of the Python extension's interface as is used here. */
interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(resource?: unknown): { readonly path: string };
    resolveEnvironment(path: unknown): Promise<{ readonly executable: { readonly uri?: { fsPath: string } } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: (listener: () => void) => Disposable;
  };
}

const PYTHON_EXTENSION = "ms-python.python";
const PATIENCE = 5000;

/** The active interpreter; undefined where nobody knows it in time. */
export async function activeInterpreter(): Promise<string | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE, undefined));
  return Promise.race([ask().catch(() => undefined), late]);
}

async function ask(): Promise<string | undefined> {
  const environments = (await pythonExtension())?.environments;
  const chosen = environments?.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
  return chosen && (await environments?.resolveEnvironment(chosen))?.executable.uri?.fsPath;
}

/** Calls back when another interpreter is chosen. */
export function onInterpreterChange(listener: () => void): Disposable {
  let disposed = false;
  let inner: Disposable | undefined;
  void pythonExtension().then(
    (extension) => {
      if (!disposed) {
        inner = extension?.environments.onDidChangeActiveEnvironmentPath(listener);
      }
    },
    () => {},
  );
  return {
    dispose: () => {
      disposed = true;
      inner?.dispose();
    },
  };
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  return extensions.getExtension<PythonExtension>(PYTHON_EXTENSION)?.activate();
}
