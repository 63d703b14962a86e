import { describe, expect, it } from "vitest";
import { read } from "./files.js";

describe("#3.7 CI", () => {
  const ci = read(".ci/run");
  it("does all of it", () => {
    for (const step of ["npm ci", "typecheck", "lint", "format:check", "run build", "readme test", "readme start", "kubectl", "npm_config_nodedir"])
      expect(ci).toContain(step);
  });
  it("runs scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    for (const [, name] of ci.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["build", "start", "test", "bench", "lint"]));
  });
});
