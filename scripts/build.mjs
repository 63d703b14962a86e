// Builds dist/: bundles with esbuild (a start reads few files, and only what it needs: chunks that are imported late stay apart) and the type declarations of the library.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeDescriptions } from "./descriptions.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (path) => `${root}${path}`;
const option = (name, fallback) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const outdir = option("--outdir", at("dist"));
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { "cli/main": "cli/main.ts", "cluster/index": "cluster/index.ts", "bench/main": "bench/main.ts", "bench/ceiling": "bench/ceiling.ts" },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // the ES modules of packages that have both: they can be shaken
  mainFields: ["module", "main"],
  // native code cannot be bundled; pino resolves its worker files by path
  external: ["better-sqlite3", "pino"],
  chunkNames: "chunks/[name]-[hash]",
  // bundled CommonJS packages ask for node's own modules with require
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  // as text: JSON.parse is three times faster than a module of the same content
  define: { MOCKUBE_FACTS: JSON.stringify(JSON.stringify(JSON.parse(readFileSync(at("kinds/schema/facts.json"), "utf8")))) },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: process.argv.includes("--sourcemap"),
  legalComments: "none",
  logLevel: "warning",
});
writeDescriptions(`${outdir}/descriptions.json`);
chmodSync(`${outdir}/cli/main.js`, 0o755);
if (!process.argv.includes("--no-types"))
  execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.build.json")], { stdio: "inherit", cwd: root });
