/** Opens a file at a place that the server has named. */

import { Range, Selection, TextEditorRevealType, type Uri, type ViewColumn, window, workspace } from "vscode";

import { CodePoints } from "./places";

/** Offsets in a file, in code points. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Shows a file where it is visible already, or else in a column, with a span of it selected. */
export async function reveal(uri: Uri, span?: Span | null, column?: ViewColumn): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  const open = window.visibleTextEditors.find((editor) => editor.document === document);
  const editor = await window.showTextDocument(document, { viewColumn: open?.viewColumn ?? column });
  if (span) {
    const points = new CodePoints(document.getText());
    const [start, end] = [span.start, span.end].map((offset) => document.positionAt(points.toUtf16(offset)));
    const range = new Range(start!, end!);
    editor.selection = new Selection(range.start, range.end);
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
