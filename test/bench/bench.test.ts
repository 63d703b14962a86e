import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEASUREMENTS } from "../../bench/run.js";
import type { Report } from "../../bench/types.js";
import { type Built, buildPackage, Server } from "../support/built.js";

const exec = promisify(execFile);

describe("#3.9 bench", () => {
  let built: Built;
  let main: string;
  beforeAll(async () => {
    built = await buildPackage();
    main = path.join(path.dirname(built.cli), "../bench/main.js");
  });
  afterAll(() => built?.remove());

  const bench = async (...flags: string[]): Promise<Report> =>
    JSON.parse((await exec(process.execPath, [main, "--runs", "1", "--scale", "0.01", "--json", "-", ...flags])).stdout) as Report;
  const wellFormed = (report: Report): void => {
    for (const figure of report.figures) {
      expect(figure, figure.note).toEqual(expect.objectContaining({ name: expect.any(String), value: expect.any(Number) }));
      expect(figure.value).toBeGreaterThan(0);
      expect(["ms", "/s", "MB", "%"]).toContain(figure.unit);
    }
  };

  it("measures everything, beside the ceiling", async () => {
    const report = await bench();
    wellFormed(report);
    expect(report.settings).toEqual({ runs: 1, scale: 0.01, workers: 16 });
    const names = report.figures.map((f) => f.name).join("\n");
    for (const word of [
      "cold start",
      "create",
      "get",
      "list",
      "patch",
      "apply",
      "delete",
      "watch",
      "OrderedReady",
      "Parallel",
      "memory, idle",
      "memory with",
      "over 1 sets",
      "cost of a pod",
    ])
      expect(names).toContain(word);
    expect(report.figures.filter((f) => f.ceiling !== undefined).length).toBeGreaterThanOrEqual(7);
  });

  it("measures any API server that a kubeconfig names", async () => {
    const state = await mkdtemp(path.join(os.tmpdir(), "mockube-bench-test-"));
    const server = new Server(built, state);
    try {
      const api = await server.ready();
      const target = path.join(state, "kubeconfig");
      const report = await bench("--target", target, "--only", "corrected,requests,watch", "--no-ceiling");
      wellFormed(report);
      expect(report.target).toBe(target);
      expect(report.figures.some((f) => f.name.startsWith("cold start") || f.ceiling !== undefined)).toBe(false);
      api.close();
    } finally {
      await server.child.kill();
      await rm(state, { recursive: true, force: true });
    }
  });

  it("refuses measurements that do not exist", async () => {
    await expect(exec(process.execPath, [main, "--only", "nothing"])).rejects.toThrow(MEASUREMENTS.map((m) => m.name).join(", "));
  });
});
