/*
 * Bundles the entries into ../onrecord/web/static/vendor (git-ignored), split so that a page loads only what
 * it uses, and writes beside them
 *   manifest.json   entry -> its file, and what it loads at once (`first`), for the pages and a test of sizes
 *   LICENSES.txt    the licences of the packages that went into the bundle, by esbuild's own account
 *   SOURCES         the digest of what it was built from, so that a build of the same sources is left alone
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../onrecord/web/static/vendor");
const unfinished = `${target}.tmp`;

/** Scripts that a template names. What these load later (views) is split off by esbuild. */
const ENTRIES = { editor: "src/editor.ts", embed: "src/embed.ts" };

const result = await build({
  absWorkingDir: here,
  entryPoints: ENTRIES,
  outdir: unfinished,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  metafile: true,
  write: false,
  legalComments: "none",
  loader: { ".css": "text" },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
});

rmSync(unfinished, { recursive: true, force: true });
mkdirSync(unfinished, { recursive: true });
for (const file of result.outputFiles) writeFileSync(file.path, file.contents);
writeFileSync(join(unfinished, "manifest.json"), `${JSON.stringify(listEntries(result.metafile), null, 1)}\n`);
writeFileSync(join(unfinished, "LICENSES.txt"), collectLicences(result.metafile));
writeFileSync(join(unfinished, "SOURCES"), `${digestSources()}\n`);
rmSync(target, { recursive: true, force: true });
renameSync(unfinished, target);
for (const [name, { file }] of Object.entries(listEntries(result.metafile))) console.log(`${name}: ${file}`);

/** Of each entry its file and everything that is loaded before it runs. */
function listEntries({ outputs }) {
  const entries = {};
  for (const [path, output] of Object.entries(outputs)) {
    const name = Object.keys(ENTRIES).find((entry) => output.entryPoint === ENTRIES[entry]);
    if (name) entries[name] = { file: nameOf(path), first: [...reach(path)].map(nameOf).sort() };
  }
  return entries;

  function reach(path, seen = new Set()) {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const used of outputs[path].imports) if (used.kind === "import-statement") reach(used.path, seen);
    return seen;
  }
}

function nameOf(path) {
  return relative(unfinished, join(here, path));
}

function collectLicences({ outputs }) {
  const packages = new Set();
  for (const output of Object.values(outputs)) {
    for (const input of Object.keys(output.inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (found) packages.add(found[1]);
    }
  }
  const texts = [...packages].sort().map((path) => {
    const folder = join(here, path);
    const told = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    if (!file) throw new Error(`${told.name} ships no licence text; do not bundle it`);
    const text = readFileSync(join(folder, file), "utf8").trim();
    return `${told.name} ${told.version} (${told.license})\n\n${text}\n`;
  });
  return `Packages in the scripts of these pages, and their licences.\n\n${texts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

/** The same digest as build_hook.py makes: names and contents of everything that decides the bundle. */
function digestSources() {
  const names = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json", ...walk("src")];
  const total = createHash("sha256");
  for (const name of names.sort()) {
    total.update(`${name}\0`).update(createHash("sha256").update(readFileSync(join(here, name))).digest());
  }
  return total.digest("hex");
}

function walk(folder) {
  return readdirSync(join(here, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}
