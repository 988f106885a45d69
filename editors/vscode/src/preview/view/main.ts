/** The page of the preview: shows what the panel sends, and says what was clicked or typed. */

import type { FromPage, Preview, Source, ToPage } from "../protocol";
import { element } from "./dom";
import { InputForm } from "./form";
import { Messages } from "./messages";

const vscode = acquireVsCodeApi();
const tell = (message: FromPage): void => vscode.postMessage(message);
const jump = (source: Source): void => tell({ kind: "jump", source });

const title = element("h1", {});
const facts = element("p", { className: "facts" });
const errors = element("ul", { className: "errors" });
const form = new InputForm(
  (input) => tell({ kind: "input", input }),
  () => tell({ kind: "reset" }),
);
const messages = new Messages(jump);
const note = element("p", { className: "note", hidden: true });

// The page is made anew whenever its tab is shown again; what was folded stays so.
const { isFolded } = (vscode.getState() ?? {}) as { isFolded?: boolean };
form.element.open = !isFolded;
form.element.addEventListener("toggle", () => vscode.setState({ isFolded: !form.element.open }));

document.body.append(element("header", {}, title, facts), note, errors, form.element, messages.element);

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case "preview":
      show(data.name, data.preview);
      break;
    case "cursor":
      messages.showCursor(data.path, data.offset);
      break;
    case "note":
      note.textContent = data.text;
      note.hidden = false;
      break;
  }
});
tell({ kind: "ready" });

function show(name: string, preview: Preview): void {
  note.hidden = true;
  title.textContent = name;
  const count = preview.messages.length;
  facts.replaceChildren(
    ...[preview.model ?? "no model", `${count} message${count === 1 ? "" : "s"}`, tokens(preview.tokens.total, preview)].map(
      (fact) => element("span", {}, fact),
    ),
  );
  errors.replaceChildren(...preview.errors.map((each) => problem(each, preview)));
  form.show(preview.data);
  messages.show(preview, (value) => tokens(value, preview));
}

function problem(each: Preview["errors"][number], preview: Preview): HTMLElement {
  const other = each.path !== null && each.path !== preview.path ? `${each.path.split(/[\\/]/).at(-1)}, ` : "";
  const place = element("button", { type: "button", className: "place" }, `${other}line ${each.start.line}`);
  place.addEventListener("click", () => jump({ path: each.path, start: each.start.offset, end: each.end.offset }));
  return element("li", { className: each.severity }, each.message, " ", place);
}

function tokens(value: number, preview: Preview): string {
  return `${preview.tokens.exact ? "" : "about "}${value.toLocaleString("en")} token${value === 1 ? "" : "s"}`;
}
