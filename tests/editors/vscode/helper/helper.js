/** A file system that is not on disk, with one prompt in it; and a command that opens all prompts of the workspace. */

const { EventEmitter, FileSystemError, FileType, commands, window, workspace } = require("vscode");

const PROMPT = Buffer.from("---\nmodel: openai/gpt-4.1-mini\ninput:\n  schema:\n    text: string\n---\nRead {{text}} in {{language}}.\n");

function refuse() {
  throw FileSystemError.NoPermissions();
}

const remote = {
  onDidChangeFile: new EventEmitter().event,
  watch: () => ({ dispose() {} }),
  stat: ({ path }) => ({
    type: path.endsWith(".prompt") ? FileType.File : FileType.Directory,
    ctime: 0,
    mtime: 0,
    size: PROMPT.length,
  }),
  readDirectory: () => [["far.prompt", FileType.File]],
  readFile: () => PROMPT,
  ...Object.fromEntries(["createDirectory", "writeFile", "delete", "rename"].map((name) => [name, refuse])),
};

exports.activate = ({ subscriptions }) => {
  subscriptions.push(
    workspace.registerFileSystemProvider("vscode-vfs", remote, { isReadonly: true }),
    commands.registerCommand("helper.openAll", async () => {
      for (const uri of await workspace.findFiles("**/*.prompt")) {
        await window.showTextDocument(uri, { preview: false, preserveFocus: true });
      }
    }),
  );
};
