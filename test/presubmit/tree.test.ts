import { describe, expect, it } from "vitest";
import { projectFiles, read } from "./files.js";

const files = projectFiles();
const texts = files.filter((f) => !/\.(png|gif|ico|db)$/.test(f));
const sources = files.filter((f) => /\.(m?ts|mjs|go)$/.test(f));
/** Files that a program writes. */
const GENERATED = /^kinds\/schema\/api\//;
/** This file says the words it looks for. */
const THIS = "test/presubmit/tree.test.ts";

describe("#3.8 presubmit: the tree", () => {
  it("no file has more than 500 lines", () => {
    expect(sources.filter((f) => !GENERATED.test(f) && read(f).split("\n").length > 501)).toEqual([]);
  });
  it("nothing speaks of places outside: folders of one machine, hosts of package registries", () => {
    const words = [
      /\/work\//,
      /\/root\//,
      /\/home\/(?!you\b|node\b)\w/,
      /\.\.\/shared\b/,
      /registry\.npmjs|registry\.yarnpkg|npmmirror|proxy\.golang\.org|sum\.golang\.org/,
    ];
    const found = texts
      .filter((f) => f !== THIS)
      .flatMap((f) => {
        const text = read(f);
        return words.filter((w) => w.test(text)).map((w) => `${f}: ${w}`);
      });
    expect(found).toEqual([]);
  });
  it("the lock file pins everything and names no host", () => {
    const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version?: string; resolved?: string }> };
    expect(Object.values(lock.packages).filter((p) => p.resolved)).toEqual([]);
    expect(Object.entries(lock.packages).filter(([name, p]) => name && !p.version)).toEqual([]);
  });
  it("every platform's package of an optional dependency is in the lock file, or npm ci refuses", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    const missing = Object.entries(packages).flatMap(([at, p]) =>
      Object.keys(p.optionalDependencies ?? {}).filter((name) => !packages[`node_modules/${name}`] && !packages[`${at}/node_modules/${name}`]),
    );
    expect(missing).toEqual([]);
  });
  it("dependencies are pinned", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
    expect(Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
  it("the compiler is strict", () => expect(JSON.parse(read("tsconfig.json")).compilerOptions.strict).toBe(true));
  it("no test is switched off or alone", () => {
    const tests = files.filter((f) => f.endsWith(".test.ts") && f !== THIS);
    expect(tests.length).toBeGreaterThan(40);
    expect(tests.filter((f) => /\b(describe|it|test)\.(only|skip|todo)\b/.test(read(f)))).toEqual([]);
  });
  it.each([..."123456789"].map((item) => `3.${item}`).concat([..."123456"].map((item) => `4.${item}`)))("some test names #%s", (item) => {
    const name = new RegExp(`(describe|it|test)[^\\n]*["'\`]#${item.replace(".", "\\.")}\\b`);
    expect(files.filter((f) => f.endsWith(".test.ts") && f !== THIS && name.test(read(f)))).not.toEqual([]);
  });
  it("is licensed as it says", () => {
    expect(read("LICENSE")).toMatch(/Apache License\s+Version 2\.0, January 2004/);
    expect(JSON.parse(read("package.json")).license).toBe("Apache-2.0");
  });
});
