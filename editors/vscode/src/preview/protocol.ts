/** What the server, the panel and its page say to one another. Offsets count code points; lines and columns begin at 1. */

/** The answer to `promptls/preview`: what `promptls render --format json` prints, with data, tokens and errors. */
export interface Preview {
  readonly ok: boolean;
  readonly path: string | null;
  readonly model: string | null;
  readonly messages: readonly Message[];
  readonly map: readonly MapEntry[];
  readonly data: Data;
  readonly tokens: { readonly exact: boolean; readonly total: number; readonly messages: readonly { readonly tokens: number }[] };
  readonly errors: readonly PreviewError[];
}

export interface Message {
  readonly role: string;
  readonly content: readonly Part[];
}

export interface Part {
  readonly text?: string;
  readonly media?: { readonly url: string; readonly contentType?: string };
  readonly metadata?: { readonly purpose?: string; readonly pending?: boolean };
}

/** Where a piece of a message's text came from; offsets count through its text parts. */
export interface MapEntry {
  readonly message: number;
  readonly start: number;
  readonly end: number;
  /** Whether the piece is the very text at its source, and not what a tag printed. */
  readonly literal: boolean;
  readonly source: Source;
}

export interface Source {
  readonly path: string | null;
  readonly start: number;
  readonly end: number;
}

export interface Data {
  readonly input: Record<string, unknown>;
  readonly values: readonly { readonly name: string; readonly value: unknown; readonly origin: string }[];
  /** The input's JSON Schema, where the prompt declares one. */
  readonly schema?: Schema | null;
}

/** As much of JSON Schema as a form needs. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
}

export interface PreviewError {
  readonly severity: string;
  readonly message: string;
  readonly path: string | null;
  readonly start: { readonly line: number; readonly column: number; readonly offset: number };
  readonly end: { readonly offset: number };
}

/** From the panel to its page. */
export type ToPage =
  | { readonly kind: "preview"; readonly name: string; readonly preview: Preview }
  | { readonly kind: "cursor"; readonly path: string | null; readonly offset: number }
  | { readonly kind: "note"; readonly text: string };

/** From the page to the panel. */
export type FromPage =
  | { readonly kind: "ready" }
  | { readonly kind: "jump"; readonly source: Source }
  | { readonly kind: "input"; readonly input: Record<string, unknown> }
  | { readonly kind: "reset" };
