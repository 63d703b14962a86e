// Writes the generated parts of docs/API_COVERAGE.md: the tables are TypeScript, so they are bundled into memory and run from there.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["scripts/apicoverage/main.ts"],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
