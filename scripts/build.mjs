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
const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: "node",
  target: "node20",
  // the ES modules of packages that have both: they can be shaken
  mainFields: ["module", "main"],
  // native code cannot be bundled; pino resolves its worker files by path
  external: ["better-sqlite3", "pino"],
  // as text: JSON.parse is three times faster than a module of the same content
  define: { MOCKUBE_FACTS: JSON.stringify(JSON.stringify(JSON.parse(readFileSync(at("kinds/schema/facts.json"), "utf8")))) },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: process.argv.includes("--sourcemap"),
  legalComments: "none",
  logLevel: "warning",
};
await build({
  ...common,
  entryPoints: { "cli/main": "cli/launch.ts", "cluster/index": "cluster/index.ts", "bench/main": "bench/main.ts", "bench/ceiling": "bench/ceiling.ts" },
  splitting: true,
  format: "esm",
  chunkNames: "chunks/[name]-[hash]",
  // bundled CommonJS packages ask for node's own modules with require
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
});
// the command is one script, for which V8's compiled code can be kept (cli/script.ts)
await build({
  ...common,
  entryPoints: { "cli/mockube": "cli/main.ts" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { ...common.define, "import.meta.url": "__moduleUrl" },
  supported: { "dynamic-import": false },
});
writeDescriptions(`${outdir}/descriptions.json`);
chmodSync(`${outdir}/cli/main.js`, 0o755);
try {
  execFileSync(process.execPath, [at("scripts/codecache.mjs"), `${outdir}/cli/main.js`], { stdio: "inherit", cwd: root });
} catch {
  // where no cluster can be started, as in a sandbox without loopback, starts will compile
  console.warn("no compiled code was kept: starts will take longer");
}
if (!process.argv.includes("--no-types"))
  execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "-p", at("tsconfig.build.json")], { stdio: "inherit", cwd: root });
