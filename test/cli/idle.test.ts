import { describe, expect, it } from "vitest";
import { giveBack, idleRule, type Look } from "../../cli/idle.js";

const MB = 1024 * 1024;
const quiet: Look = { busy: 0.01, total: 90 * MB, used: 50 * MB };
const busy: Look = { ...quiet, busy: 0.4 };

describe("memory of a server that idles", () => {
  it.each<[what: string, looks: readonly Look[], expected: readonly boolean[]]>([
    ["after two quiet looks, once", [quiet, quiet, quiet, quiet, quiet], [false, true, false, false, false]],
    ["not while there is work", [quiet, busy, quiet, busy], [false, false, false, false]],
    ["again after the heap has grown", [quiet, quiet, busy, { ...quiet, total: 120 * MB }, { ...quiet, total: 120 * MB }], [false, true, false, false, true]],
    [
      "again after the next load, once it was of use",
      [quiet, quiet, { ...quiet, total: 52 * MB }, busy, quiet, quiet],
      [false, true, false, false, false, true],
    ],
    ["not for little", [quiet, quiet].map((look) => ({ ...look, used: 80 * MB })), [false, false]],
    ["not where the pause would be long", [quiet, quiet].map((look) => ({ ...look, total: 900 * MB, used: 300 * MB })), [false, false]],
  ])("is given back %s", (_what, looks, expected) => {
    const decide = idleRule();
    expect(looks.map(decide)).toEqual(expected);
  });

  it("and the process goes on", async () => {
    for (let i = 0; i < 5; i++) {
      let heap: object[] = Array.from({ length: 100_000 }, (_, n) => ({ n }));
      heap = heap.slice(0, 1);
      await giveBack();
      expect(heap).toHaveLength(1);
    }
  });
});
