import { describe, expect, it } from "vitest";
import { importsOf, projectFiles } from "./files.js";

/** Who may import what (folders, each with all below it); ARCHITECTURE.md says why. `cluster` and `cli` put everything together and have no wall. */
const WALLS: Readonly<Record<string, readonly string[]>> = {
  kinds: ["kinds"],
  storage: ["storage"],
  server: ["server", "kinds", "storage"],
  client: ["client", "server/pipeline", "server/errors.ts", "kinds", "storage"],
  controllers: ["client", "kinds", "controllers/runtime"],
  kubelet: ["kubelet", "client", "kinds", "controllers/runtime"],
  dns: ["dns", "client", "kinds", "controllers/runtime"],
};
/** Controllers know their own folder and these of others. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  // what fits which node, and the write that binds, must be the binder's own (ARCHITECTURE.md, "Walls")
  "controllers/scheduler": ["controllers/volume"],
  // a library, not a controller
  "controllers/statefulset": ["controllers/history"],
  "controllers/daemonset": ["controllers/history"],
};
/** Packages with a side effect or a weight belong to one folder. */
const PACKAGES: Readonly<Record<string, string>> = {
  "better-sqlite3": "storage",
  fastify: "server",
  dns2: "dns",
  "@grpc/grpc-js": "dns",
  commander: "cli",
  pino: "cli",
  picocolors: "cli",
  "yocto-spinner": "cli",
  "@peculiar/x509": "server/auth",
};

const within = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
const sources = projectFiles().filter((f) => /\.m?ts$/.test(f));

function allowed(file: string): readonly string[] | undefined {
  const [top, second] = file.split("/");
  const own = top === "controllers" ? [`controllers/${second}`] : [];
  return WALLS[top] && [...WALLS[top], ...own, ...(NEIGHBOURS[`${top}/${second}`] ?? [])];
}

/** Imports of `file` that a wall forbids. */
function trespasses(file: string, imports: readonly string[]): string[] {
  const may = allowed(file);
  return imports.filter((i) => {
    const isOurs = sources.includes(i) || /^(kinds|storage|server|client|controllers|kubelet|dns|cluster|cli|test|bench|scripts)\//.test(i);
    return isOurs ? may !== undefined && !may.some((folder) => within(i, folder)) : PACKAGES[i] !== undefined && !within(file, PACKAGES[i]);
  });
}

describe("#3.8 presubmit: walls", () => {
  it.each(Object.keys(WALLS))("%s imports only what it may", (folder) => {
    const files = sources.filter((f) => within(f, folder));
    expect(files.length).toBeGreaterThan(1);
    expect(files.flatMap((f) => trespasses(f, importsOf(f)).map((i) => `${f} -> ${i}`))).toEqual([]);
  });
  it("cluster and cli bring no package of others with them, and nothing imports cli", () => {
    const files = sources.filter((f) => within(f, "cluster") || within(f, "cli"));
    expect(files.flatMap((f) => trespasses(f, importsOf(f)))).toEqual([]);
    expect(sources.filter((f) => !within(f, "cli") && !within(f, "test") && importsOf(f).some((i) => within(i, "cli")))).toEqual([]);
  });
  it("no product code imports tests, bench or scripts", () => {
    const product = sources.filter((f) => /^(kinds|storage|server|client|controllers|kubelet|dns|cluster|cli)\//.test(f));
    expect(product.filter((f) => importsOf(f).some((i) => /^(test|bench|scripts)\//.test(i)))).toEqual([]);
  });
  it("kinds do no I/O; only the loader of the generated facts reads a file", () => {
    const io = /^node:(?!crypto$|path$)/;
    expect(sources.filter((f) => within(f, "kinds") && !/^kinds\/schema\/\w+\.ts$/.test(f) && importsOf(f).some((i) => io.test(i)))).toEqual([]);
  });
  it("would be noticed", () => {
    expect(trespasses("kinds/labels.ts", ["server/errors.ts", "kinds/field.ts"])).toEqual(["server/errors.ts"]);
    expect(trespasses("controllers/gc/index.ts", ["controllers/volume/api.ts", "controllers/gc/plan.ts", "storage/index.ts"])).toEqual([
      "controllers/volume/api.ts",
      "storage/index.ts",
    ]);
    expect(trespasses("controllers/scheduler/plan.ts", ["controllers/volume/api.ts"])).toEqual([]);
    expect(trespasses("server/http/app.ts", ["controllers/runtime/clock.ts"])).toEqual(["controllers/runtime/clock.ts"]);
    expect(trespasses("client/client.ts", ["server/http/app.ts", "server/errors.ts"])).toEqual(["server/http/app.ts"]);
    expect(trespasses("server/http/app.ts", ["better-sqlite3", "fastify"])).toEqual(["better-sqlite3"]);
  });
});
