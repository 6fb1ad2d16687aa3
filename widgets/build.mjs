// Bundles every widget (a folder of src/ with an index.ts, other than the shared ones) into one ES module and one style sheet for the Python package.
//
//   node build.mjs                 into ../src/stepgrad/widgets/static
//   node build.mjs --out FOLDER    elsewhere
//   node build.mjs --watch         again at every change, with source maps
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const KB = 1000;
const SHARED = ["core", "math"]; // libraries of the widgets, not widgets: bundled into each that imports them

const here = dirname(fileURLToPath(import.meta.url));
const budgets = JSON.parse(readFileSync(join(here, "budgets.json"), "utf8"));
const { values: options } = parseArgs({
  options: { out: { type: "string" }, watch: { type: "boolean", default: false } },
});
const out = resolve(options.out ?? join(here, "../src/stepgrad/widgets/static"));

function widgets() {
  const src = join(here, "src");
  if (!existsSync(src)) return [];
  return readdirSync(src).filter((name) => !SHARED.includes(name) && existsSync(join(src, name, "index.ts")));
}

/** The entry points: a style sheet has its own, so that it lands in a file of its own beside the module. */
function entries(name) {
  const folder = join(here, "src", name);
  const style = join(folder, "style.css");
  return [{ in: join(folder, "index.ts"), out: name }, ...(existsSync(style) ? [{ in: style, out: name }] : [])];
}

/** A second minifier finds what the first leaves: about 5 % after gzip. */
async function squeeze(file) {
  const { code } = await minify(readFileSync(file, "utf8"), { module: true, ecma: 2020, compress: { passes: 3 } });
  writeFileSync(file, code);
}

/** Print the sizes, warn above a widget's budget; false above the limit that no bundle may pass. */
function report(files) {
  let within = true;
  for (const file of files.sort()) {
    const name = file.slice(out.length + 1);
    const [widget, kind] = name.split(".");
    const budget = budgets[widget] ?? budgets.default;
    const bytes = readFileSync(file);
    const raw = bytes.length;
    const gzip = gzipSync(bytes, { level: 9 }).length;
    const over = raw > budget[kind] || gzip > (budget[`${kind}Gzip`] ?? Number.POSITIVE_INFINITY);
    const kilobytes = (n) => `${(n / KB).toFixed(1).padStart(6)} kB`;
    console.log(
      `${name.padEnd(24)}${kilobytes(raw)}  ${kilobytes(gzip)} gzipped${over ? "   above its budget (budgets.json)" : ""}`,
    );
    if (raw > (budgets.limit[kind] ?? Number.POSITIVE_INFINITY)) {
      console.error(`${file} is larger than ${budgets.limit[kind] / KB} kB, which no widget may be`);
      within = false;
    }
  }
  return within;
}

const names = widgets();
if (names.length === 0) {
  console.log("There is no widget in src/ yet: nothing to build.");
  process.exit(0);
}
mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) {
  if (/\.(js|css)(\.map)?$/.test(file)) rmSync(join(out, file));
}

const settings = {
  entryPoints: names.flatMap(entries),
  outdir: out,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: !options.watch,
  sourcemap: options.watch ? "inline" : false,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

if (options.watch) {
  const announce = {
    name: "announce",
    setup(build) {
      build.onEnd((result) => {
        if (result.errors.length === 0) console.log(`${new Date().toLocaleTimeString()}  built ${names.join(", ")}`);
      });
    },
  };
  const context = await esbuild.context({ ...settings, plugins: [announce] });
  await context.watch();
  console.log(`Watching ${names.join(", ")}; stop with Ctrl-C.`);
} else {
  try {
    const result = await esbuild.build(settings);
    const files = Object.keys(result.metafile.outputs).map((file) => resolve(file));
    await Promise.all(files.filter((file) => file.endsWith(".js")).map(squeeze));
    process.exitCode = report(files) ? 0 : 1;
  } catch (error) {
    if (!error.errors) console.error(error); // of its own errors esbuild has said where and why
    process.exitCode = 1;
  }
}
