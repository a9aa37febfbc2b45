// Starts `oss-policy lsp` for the policy files of the workspace. All that it shows comes from there.
const { workspace, window } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (folder === undefined) return;
  const settings = workspace.getConfiguration("oss-policy");
  const [command, ...words] = settings.get("command");
  const args = [...words, "lsp", "--policies", settings.get("policies")];
  const server = { command, args, transport: TransportKind.stdio, options: { cwd: folder } };
  const documents = { documentSelector: [{ scheme: "file", pattern: "**/*.{yaml,yml}" }] };
  client = new LanguageClient("oss-policy", "oss-policy", server, documents);
  try {
    await client.start();
  } catch (error) {
    const help = "install oss-policy in this workspace, or set oss-policy.command";
    void window.showErrorMessage(`oss-policy did not start: ${String(error)}: ${help}`);
  }
};

exports.deactivate = () => client?.stop();
