import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SKIPPED = new Set(["node_modules", "dist", "coverage"]);

/** Paths of the project's own files, relative to its root; what is installed, built or hidden (but for .ci) is left out. */
export function projectFiles(folder = ""): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name) || (entry.name.startsWith(".") && entry.name !== ".ci")) return [];
    const file = path.posix.join(folder, entry.name);
    return entry.isDirectory() ? projectFiles(file) : [file];
  });
}

export const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** What a module imports, statically or late, types included: paths of the project as they are in the tree, packages by their specifier. */
export function importsOf(file: string): string[] {
  const specifiers = [...read(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|^import\s+)"([^"]+)"/gm)].map((m) => m[1]);
  return specifiers.map((s) => (s.startsWith(".") ? path.posix.normalize(path.posix.join(path.posix.dirname(file), s)).replace(/\.js$/, ".ts") : s));
}
