/** Where in a prompt a place is, told from the text before it; and places counted in different ways. */

/** Whether what follows is text of the template: not frontmatter, not inside a tag. */
export function isInTemplateText(before: string): boolean {
  const opening = /^(?:[ \t]*\r?\n|#[^\n]*\n)*---[ \t]*\r?\n/.exec(before);
  if (opening && !/^---[ \t]*\r?\n/m.test(before.slice(opening[0].length))) {
    return false;
  }
  const open = before.lastIndexOf("{{");
  return open < 0 || before.indexOf("}}", open) >= 0;
}

/** Offsets in code points, as promptls counts them, from offsets in UTF-16 units, as JavaScript does, and back. */
export class CodePoints {
  /** The UTF-16 offsets of characters that take two units. */
  private readonly pairs: number[] = [];

  constructor(text: string) {
    for (const match of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) {
      this.pairs.push(match.index);
    }
  }

  fromUtf16(offset: number): number {
    return offset - this.count((pair) => pair < offset);
  }

  toUtf16(offset: number): number {
    return offset + this.count((pair, index) => pair - index < offset);
  }

  /** How many of the pairs, from the first on, are before an offset. */
  private count(isBefore: (pair: number, index: number) => boolean): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.pairs[middle]!, middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
