/**
 * A module that is loaded at its first use and at hand from then on: asking `import()` every time goes through Node's loader, which a request would feel.
 * Usage: `const yaml = lazily(() => import("./yaml.js")); … (await yaml()).toYaml(value)`.
 */
export function lazily<T>(load: () => Promise<T>): () => T | Promise<T> {
  let module: T | undefined;
  return () =>
    module ??
    load().then((loaded) => {
      module = loaded;
      return loaded;
    });
}
