/** Fields for JSON Schema's types. A field shows a value and gives it back; undefined stands for one that is absent. */

import type { Schema } from "../protocol";
import { element } from "./dom";

export interface Field {
  readonly element: HTMLElement;
  read(): unknown;
  write(value: unknown): void;
}

type Changed = () => void;

/** The fields of an object's properties, one below the other. */
export function objectField(schema: Schema, changed: Changed): Field {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, each]) => {
    const isOptional = !required.has(name) && schema.required !== undefined;
    return { name, field: labelled(name, each, isOptional, changed) };
  });
  return {
    element: element("div", { className: "group" }, ...fields.map(({ field }) => field.element)),
    read: () =>
      Object.fromEntries(
        fields.map(({ name, field }) => [name, field.read()] as const).filter(([, value]) => value !== undefined),
      ),
    write: (value) => {
      const values = isObject(value) ? value : {};
      fields.forEach(({ name, field }) => field.write(values[name]));
    },
  };
}

/** A schema that fits a value, for data that nobody has declared. */
export function schemaOf(value: unknown): Schema {
  if (Array.isArray(value)) {
    return { type: "array", items: schemaOf(value[0] ?? "") };
  }
  if (isObject(value)) {
    const properties = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, schemaOf(each)]));
    return Object.keys(properties).length ? { type: "object", properties } : {};
  }
  return { type: value === null ? "null" : typeof value };
}

function labelled(name: string, schema: Schema, isOptional: boolean, changed: Changed): Field {
  const field = fieldFor(schema, isOptional, changed);
  const label = element("span", { className: "name" }, name + (isOptional ? "?" : ""));
  const hint = element("span", { className: "hint" }, schema.description ?? "");
  const title = `${name}: ${describe(schema)}${isOptional ? ", may be absent" : ""}`;
  const head = element("span", { className: "label", title }, label, hint);
  // A label hands clicks on to its control, which only makes sense where there is one.
  const frame = field.element instanceof HTMLDivElement ? "div" : "label";
  return { ...field, element: element(frame, { className: "field" }, head, field.element) };
}

function fieldFor(schema: Schema, isOptional: boolean, changed: Changed): Field {
  const plain = withoutNull(schema);
  if (plain.enum) {
    return choice(plain.enum, isOptional, changed);
  }
  switch (typeOf(plain)) {
    case "string":
      return text(isOptional, changed);
    case "number":
    case "integer":
      return number(typeOf(plain) === "integer", changed);
    case "boolean":
      return checkbox(changed);
    case "array":
      return plain.items ? list(plain.items, changed) : json(changed);
    case "object":
      return plain.properties ? presence(objectField(plain, changed), isOptional, changed) : json(changed);
    default:
      return json(changed);
  }
}

function text(isOptional: boolean, changed: Changed): Field {
  const box = element("textarea", { rows: 1, spellcheck: false });
  box.addEventListener("input", changed);
  return {
    element: box,
    read: () => (isOptional && box.value === "" ? undefined : box.value),
    write: (value) => (box.value = value === undefined || value === null ? "" : String(value)),
  };
}

function number(isWhole: boolean, changed: Changed): Field {
  const box = element("input", { type: "number", step: isWhole ? "1" : "any" });
  box.addEventListener("input", changed);
  return {
    element: box,
    read: () => (box.value === "" ? undefined : box.valueAsNumber),
    write: (value) => (box.value = typeof value === "number" ? String(value) : ""),
  };
}

function checkbox(changed: Changed): Field {
  const box = element("input", { type: "checkbox" });
  box.addEventListener("input", changed);
  return { element: box, read: () => box.checked, write: (value) => (box.checked = value === true) };
}

function choice(values: readonly unknown[], isOptional: boolean, changed: Changed): Field {
  const choices = [...(isOptional ? [undefined] : []), ...values.filter((value) => value !== null)];
  const box = element("select", {}, ...choices.map((each) => element("option", {}, each === undefined ? "" : String(each))));
  box.addEventListener("input", changed);
  return {
    element: box,
    read: () => choices[box.selectedIndex],
    write: (value) => (box.selectedIndex = choices.indexOf(value ?? undefined)),
  };
}

function json(changed: Changed): Field {
  const box = element("textarea", { rows: 1, spellcheck: false, className: "json" });
  const parse = (): unknown => (box.value.trim() ? (JSON.parse(box.value) as unknown) : undefined);
  let last: unknown;
  box.addEventListener("input", () => {
    try {
      last = parse();
      box.setCustomValidity("");
      changed();
    } catch {
      box.setCustomValidity("This is not JSON.");
    }
  });
  return {
    element: box,
    read: () => last,
    write: (value) => {
      last = value;
      box.value = value === undefined ? "" : JSON.stringify(value, null, 1);
      box.setCustomValidity("");
    },
  };
}

function list(items: Schema, changed: Changed): Field {
  let fields: Field[] = [];
  const rows = element("div", { className: "rows" });
  const add = element("button", { type: "button" }, "Add");
  const append = (value: unknown): void => {
    const field = fieldFor(items, false, changed);
    const remove = element("button", { type: "button", title: "Remove", className: "remove" }, "×");
    const row = element("div", { className: "row" }, field.element, remove);
    remove.addEventListener("click", (event) => {
      event.preventDefault();
      row.remove();
      fields = fields.filter((each) => each !== field);
      changed();
    });
    field.write(value);
    fields.push(field);
    rows.append(row);
  };
  add.addEventListener("click", (event) => {
    event.preventDefault();
    append(undefined);
    changed();
  });
  return {
    element: element("div", { className: "list" }, rows, add),
    read: () => fields.map((field) => field.read() ?? null),
    write: (value) => {
      const values = Array.isArray(value) ? value : [];
      if (values.length === fields.length) {
        fields.forEach((field, index) => field.write(values[index]));
      } else {
        fields = [];
        rows.replaceChildren();
        values.forEach(append);
      }
    },
  };
}

/** An optional object is there or not, which no empty field could say. */
function presence(field: Field, isOptional: boolean, changed: Changed): Field {
  if (!isOptional) {
    return { ...field, element: element("div", { className: "nested" }, field.element) };
  }
  const box = element("input", { type: "checkbox" });
  const update = (): void => {
    field.element.hidden = !box.checked;
  };
  box.addEventListener("input", () => {
    update();
    changed();
  });
  return {
    element: element("div", { className: "nested" }, element("span", { className: "present" }, box, "given"), field.element),
    read: () => (box.checked ? field.read() : undefined),
    write: (value) => {
      box.checked = isObject(value);
      field.write(value);
      update();
    },
  };
}

function describe(schema: Schema): string {
  const plain = withoutNull(schema);
  return plain.enum ? "choice" : typeOf(plain) === "array" ? "list" : (typeOf(plain) ?? "JSON");
}

function typeOf(schema: Schema): string | undefined {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return types.find((type) => type !== "null");
}

/** What an optional field is when it is there: picoschema adds null to its types. */
function withoutNull(schema: Schema): Schema {
  const other = schema.anyOf?.find((each) => each.type !== "null");
  return other ? { ...schema, ...other } : schema;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
