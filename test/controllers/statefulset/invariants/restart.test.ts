import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { longRun } from "../../../support/long.js";
import { Arena } from "./arena.js";
import { perform, SCENARIOS, SETTINGS } from "./scenarios.js";

/** Rolling updates alone, and all strategies with MOCKUBE_LONG. */
const settings = longRun(1) > 0 ? SETTINGS : SETTINGS.filter((setting) => setting.strategy === "RollingUpdate");

describe.each(settings)("#5.1 statefulset invariants, all killed between any two steps: $management, $strategy", (setting) => {
  it.each(Object.keys(SCENARIOS))("%s ends the same", { timeout: 60_000 }, async (name) => {
    const deeds = SCENARIOS[name](setting);
    const undisturbed = await Arena.open();
    const folder = mkdtempSync(join(tmpdir(), "mockube-restart-"));
    let kills = 0;
    const at = (n: number): string => join(folder, String(n));
    const killed = await Arena.open({ file: join(at(0), "store.db") });
    // What another process would find after kill -9: the files as they lie there, nothing closed.
    const kill = async (): Promise<void> => {
      cpSync(at(kills), at(kills + 1), { recursive: true });
      await killed.reopen(join(at(++kills), "store.db"));
      rmSync(at(kills - 1), { recursive: true });
    };
    try {
      await perform(undisturbed, deeds);
      await perform(killed, deeds, kill);
      expect(kills).toBeGreaterThan(15);
      expect(killed.outcome()).toEqual(undisturbed.outcome());
    } finally {
      await undisturbed.close();
      await killed.close();
      rmSync(folder, { recursive: true });
    }
  });
});
