/** The form for a prompt's input, made from its schema, or from the shape of its data where it declares none. */

import type { Data, Schema } from "../protocol";
import { element } from "./dom";
import { type Field, objectField, schemaOf } from "./fields";

export class InputForm {
  readonly element: HTMLDetailsElement;
  private readonly body = element("div", { className: "fields" });
  private readonly origin = element("span", { className: "origin" });
  private readonly reset: HTMLButtonElement;
  private field: Field | undefined;
  private shape = "";

  constructor(
    private readonly changed: (input: Record<string, unknown>) => void,
    reset: () => void,
  ) {
    this.reset = element("button", { type: "button", className: "reset" }, "Reset");
    this.reset.title = "Forget what was typed here: use the file, the defaults and examples again";
    this.reset.addEventListener("click", (event) => {
      event.preventDefault();
      (document.activeElement as HTMLElement | null)?.blur();
      reset();
    });
    const summary = element("summary", {}, element("span", {}, "Input"), this.origin, this.reset);
    this.element = element("details", { open: true, className: "input" }, summary, this.body);
  }

  show(data: Data): void {
    const schema: Schema = data.schema ?? { properties: mapped(data.input, schemaOf) };
    const shape = JSON.stringify(schema);
    const isBeingTyped = this.body.contains(document.activeElement);
    if (shape !== this.shape || !this.field) {
      this.shape = shape;
      this.field = objectField(schema, () => this.changed((this.field?.read() ?? {}) as Record<string, unknown>));
      this.body.replaceChildren(this.field.element);
      this.field.write(data.input);
    } else if (!isBeingTyped) {
      this.field.write(data.input);
    }
    const origins = new Set(data.values.map(({ origin }) => origin));
    this.element.hidden = Object.keys(schema.properties ?? {}).length === 0;
    this.reset.hidden = !origins.has("given");
    this.origin.textContent = origins.has("given")
      ? ""
      : origins.has("file")
        ? "from the file beside the prompt"
        : origins.has("generated")
          ? "examples"
          : "defaults";
  }
}

function mapped<A, B>(values: Record<string, A>, convert: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, convert(value)]));
}
