import assert from "node:assert/strict";
import { test } from "node:test";

import { CodePoints, isInTemplateText } from "../../../../editors/vscode/src/places";

test("snippets belong into the text of the template", () => {
  for (const before of ["", "text", "---\nmodel: x\n---\n", "---\na: 1\n---\n{{role \"system\"}}\nwe", "{{! note }} ", "# licence\n---\na: 1\n---\nx"]) {
    assert.ok(isInTemplateText(before), before);
  }
  for (const before of ["---\n", "---\nmodel: ", "# licence\n\n---\nmod", "{{", "{{#if a", "---\na: 1\n---\nx {{> par"]) {
    assert.ok(!isInTemplateText(before), before);
  }
});

test("offsets are converted both ways", () => {
  const text = "a😀b😀😀c";
  const points = new CodePoints(text);
  const characters = [...text];
  for (let index = 0; index <= characters.length; index++) {
    const utf16 = characters.slice(0, index).join("").length;
    assert.equal(points.toUtf16(index), utf16);
    assert.equal(points.fromUtf16(utf16), index);
  }
});
