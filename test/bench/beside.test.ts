import path from "node:path";
import { describe, expect, it } from "vitest";
import { ratiosOf } from "../../bench/beside/compare.js";
import { startUpstream } from "../../bench/beside/upstream.js";
import { besideTable } from "../../bench/table.js";
import { ROOT } from "../presubmit/files.js";

describe("bench beside kube-apiserver and etcd", () => {
  it("counts rates and durations so that more is better", () => {
    const ratios = ratiosOf(
      { create: { perSecond: 3000, cpuMs: 0.3 }, list: { ms: 20 }, patch: { perSecond: 1 } },
      { create: { perSecond: 1000, cpuMs: 1.5 }, list: { ms: 100 } },
      { create: { perSecond: 9000 } },
    );
    expect(ratios.map(({ name, times }) => [name, times])).toEqual([
      ["create pods", 3],
      ["list all pods, decoded", 5],
    ]);
    expect(ratios[0]).toMatchObject({ unit: "/s", cpuMs: [0.3, 1.5], client: 9000 });
  });

  it("shows them in columns", () => {
    const text = besideTable(ratiosOf({ get: { perSecond: 7000.4, cpuMs: 0.1 } }, { get: { perSecond: 2000, cpuMs: 1.5 } }, {}));
    expect(text.split("\n").map((line) => line.replace(/ {2,}/g, " | "))).toEqual([
      " | mockube | kube-apiserver, etcd | better | server CPU each | client alone",
      "get pods | 7,000 /s | 2,000 /s | 3.5× | 0.100 ms / 1.5 ms | -",
    ]);
  });

  it("says what is missing where the programs do not lie in the folder", async () => {
    await expect(startUpstream(path.join(ROOT, "no-such-folder"))).rejects.toThrow(/no-such-folder\/etcd is not there: .*README/);
  });
});
