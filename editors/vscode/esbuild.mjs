// Bundles the extension and the preview's page into dist/. `--watch` goes on doing so, with source maps.
import * as esbuild from "esbuild";

const watch = process.argv.includes("--watch");
const common = { bundle: true, minify: !watch, sourcemap: watch, outdir: "dist", logLevel: "warning", legalComments: "none" };
const contexts = await Promise.all([
  esbuild.context({
    ...common,
    entryPoints: { extension: "src/extension.ts" },
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
    mainFields: ["module", "main"],
  }),
  esbuild.context({
    ...common,
    entryPoints: { preview: "src/preview/view/main.ts", style: "src/preview/view/preview.css" },
    platform: "browser",
    target: "chrome122",
    format: "iife",
  }),
]);
await Promise.all(contexts.map((context) => (watch ? context.watch() : context.rebuild())));
if (!watch) {
  await Promise.all(contexts.map((context) => context.dispose()));
}
