// The reference implementations behind one long-lived process: a JSON request a line on stdin, its JSON reply a line on
// stdout. A request is {id, op, ...fields}; the reply is {id, ok: true, ...} or {id, ok: false, error: {name, message}}.
// tests/support/oracle.py is the typed side of this and says what each operation is for.
import readline from "node:readline";
import { Dotprompt } from "dotprompt";
import Handlebars from "handlebars";

// Both libraries write to the console ({{log}}, YAML errors), and stdout belongs to the replies.
let logged = [];
for (const method of ["debug", "info", "log", "warn", "error"]) {
  console[method] = (...values) => logged.push(values.map(String).join(" "));
}

const plain = Handlebars.create();
const { knownHelpers } = new Dotprompt();

function failure(error) {
  return { name: error?.name ?? "Error", message: String(error?.message ?? error) };
}

function refusals(templates, attempt) {
  return templates.map((template) => {
    try {
      attempt(template);
      return null;
    } catch (error) {
      return failure(error);
    }
  });
}

const operations = {
  parse: ({ template }) => ({ ast: plain.parse(template) }),

  accepts: ({ templates }) => ({ refusals: refusals(templates, (template) => plain.parse(template)) }),

  // `compile` waits for the first rendering; `precompile` refuses at once.
  compile_accepts: ({ templates }) => ({
    refusals: refusals(templates, (template) =>
      plain.precompile(template, { knownHelpers, knownHelpersOnly: true, noEscape: true }),
    ),
  }),

  handlebars: ({ template, data = {}, partials = {} }) => {
    const engine = Handlebars.create();
    engine.registerPartial(partials);
    return { text: engine.compile(template, { noEscape: true })(data) };
  },

  render: async ({ source, data = {}, options, partials, schemas, tools }) => {
    // All Dotprompt objects share one Handlebars, so the partials of the request before would still be known.
    for (const name of Object.keys(Handlebars.partials)) Handlebars.unregisterPartial(name);
    const dotprompt = new Dotprompt({ partials, schemas, tools });
    return { result: await dotprompt.render(source, data, options) };
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { id, op, ...fields } = JSON.parse(line);
  logged = [];
  let reply;
  try {
    if (!Object.hasOwn(operations, op)) throw new TypeError(`no operation ${op}`);
    reply = JSON.stringify({ id, ok: true, ...(await operations[op](fields)), logged });
  } catch (error) {
    reply = JSON.stringify({ id, ok: false, error: failure(error), logged });
  }
  process.stdout.write(reply + "\n");
}
