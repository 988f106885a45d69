/** The rendered messages. Every piece of them knows the piece of template that it came from. */

import { CodePoints } from "../../places";
import type { MapEntry, Message, Part, Preview, Source } from "../protocol";
import { element } from "./dom";

interface Piece {
  readonly element: HTMLElement;
  readonly source: Source;
}

export class Messages {
  readonly element = element("main", {});
  private pieces: Piece[] = [];
  private path: string | null = null;

  constructor(private readonly jump: (source: Source) => void) {}

  show(preview: Preview, tokens: (count: number) => string): void {
    this.pieces = [];
    this.path = preview.path;
    const cards = preview.messages.map((message, index) => {
      const entries = preview.map.filter((entry) => entry.message === index);
      return this.card(message, entries, tokens(preview.tokens.messages[index]?.tokens ?? 0));
    });
    if (cards.length === 0) {
      cards.push(element("p", { className: "note" }, "This prompt renders no messages."));
    }
    this.element.replaceChildren(...cards);
  }

  /** Marks what the place of the cursor was rendered as. */
  showCursor(path: string | null, offset: number): void {
    let isFirst = true;
    for (const { element, source } of this.pieces) {
      const isHere = (source.path ?? this.path) === path && source.start <= offset && offset < source.end;
      element.classList.toggle("here", isHere);
      if (isHere && isFirst) {
        isFirst = false;
        element.scrollIntoView({ block: "nearest" });
      }
    }
  }

  private card(message: Message, entries: readonly MapEntry[], tokens: string): HTMLElement {
    const known = ["system", "user", "model", "tool"].includes(message.role) ? message.role : "other";
    const others = message.content.filter((part) => part.text === undefined).length;
    const marks = entries.filter(({ start, end }) => start === end);
    // Of the empty pieces the first is the tag that began the message, if there was one; the rest are its media.
    const [beginning] = marks.splice(0, marks.length - others);
    const role = element("span", { className: "role" }, message.role || "no role");
    if (beginning) {
      this.leadTo(role, beginning);
    }
    const body = element("div", { className: "text" });
    let offset = 0;
    message.content.forEach((part, index) => {
      if (part.text === undefined) {
        const chip = element("span", { className: "chip" }, described(part));
        const mark = marks.shift();
        if (mark) {
          this.leadTo(chip, mark);
        }
        body.append(chip);
      } else {
        const points = new CodePoints(part.text);
        const length = points.fromUtf16(part.text.length);
        const text = new Text(part.text, points, offset, index === 0, index === message.content.length - 1);
        body.append(...this.textPieces(text, entries, offset + length));
        offset += length;
      }
    });
    const head = element("div", { className: "head" }, role, element("span", { className: "tokens" }, tokens));
    return element("article", { className: known }, head, body);
  }

  private textPieces(text: Text, entries: readonly MapEntry[], end: number): (Node | string)[] {
    const made: (Node | string)[] = [];
    let done = text.offset;
    for (const entry of entries) {
      if (entry.end <= done || entry.start >= end || entry.start === entry.end) {
        continue;
      }
      if (entry.start > done) {
        made.push(text.slice(done, entry.start));
      }
      const from = Math.max(entry.start, done);
      const shown = text.slice(from, Math.min(entry.end, end));
      const piece = element("span", { className: entry.literal ? "piece" : "piece printed" }, shown);
      this.leadTo(piece, entry, from - entry.start + text.cutBefore(from));
      made.push(piece);
      done = Math.min(entry.end, end);
    }
    if (done < end) {
      made.push(text.slice(done, end));
    }
    return made;
  }

  /** `skipped` is how many code points of a literal piece stand before what is shown of it. */
  private leadTo(target: HTMLElement, { source, literal }: MapEntry, skipped = 0): void {
    this.pieces.push({ element: target, source });
    target.title = "Show in the template";
    target.addEventListener("click", (event) => {
      if (getSelection()?.isCollapsed !== false) {
        const at = literal ? source.start + skipped + clicked(event, target) : undefined;
        this.jump(at === undefined ? source : { ...source, start: at, end: at });
      }
    });
  }
}

/** A part's text, cut by offsets that count code points of the whole message. */
class Text {
  constructor(
    private readonly text: string,
    private readonly points: CodePoints,
    readonly offset: number,
    private readonly isFirst: boolean,
    private readonly isLast: boolean,
  ) {}

  /** Blank lines around a message are of no interest, and left out. */
  slice(start: number, end: number): string {
    const [from, to] = [this.points.toUtf16(start - this.offset), this.points.toUtf16(end - this.offset)];
    const piece = this.text.slice(from, to).slice(this.cutBefore(start));
    return this.isLast && !this.text.slice(to).trim() ? piece.trimEnd() : piece;
  }

  /** How much of the blank lines at the front of the message falls to what begins at an offset. */
  cutBefore(start: number): number {
    const blank = this.isFirst ? (/^\s*\n/.exec(this.text)?.[0].length ?? 0) : 0;
    return Math.max(0, blank - (start - this.offset));
  }
}

/** How many code points of an element's text stand before a click. */
function clicked(event: MouseEvent, target: HTMLElement): number {
  const caret = document.caretRangeFromPoint(event.clientX, event.clientY);
  const text = target.textContent ?? "";
  const offset = caret && target.contains(caret.startContainer) ? caret.startOffset : 0;
  return new CodePoints(text).fromUtf16(offset);
}

function described(part: Part): string {
  if (part.media) {
    return [part.media.contentType, part.media.url].filter(Boolean).join(" ");
  }
  return part.metadata?.purpose ? `section ${part.metadata.purpose}: filled by the host` : JSON.stringify(part);
}
