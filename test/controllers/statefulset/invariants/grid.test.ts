import { describe, expect, it } from "vitest";
import { longRun } from "../../../support/long.js";
import { Arena } from "./arena.js";
import { FAULTS, type Fault } from "./faults.js";
import { type Deed, perform, SCENARIOS, SETTINGS } from "./scenarios.js";

const LONG = longRun(1) > 0;

async function play(deeds: readonly Deed[], fault: (index: number) => Fault | undefined): Promise<{ outcome: unknown; writes: number }> {
  const arena = await Arena.open();
  try {
    arena.fault = (_, index) => fault(index);
    await perform(arena, deeds);
    await arena.restart();
    return { outcome: arena.outcome(), writes: arena.writes };
  } finally {
    await arena.close();
  }
}

describe.each(SETTINGS)("#5.1 statefulset invariants: $management, $strategy", (setting) => {
  it.each(Object.keys(SCENARIOS))("%s ends the same although every third write conflicts, fails, times out or is the controller's last", async (name) => {
    const deeds = SCENARIOS[name](setting);
    const clean = await play(deeds, () => undefined);
    expect(clean.writes).toBeGreaterThan(15);
    for (const [n, fault] of FAULTS.entries()) {
      const { outcome } = await play(deeds, (index) => ((index + n) % 3 === 0 ? fault : undefined));
      expect(outcome, fault).toEqual(clean.outcome);
    }
  });
});

// a test that is not run would count as skipped: these are there for those who ask for them
describe.each(LONG ? SETTINGS : [])("#5.1 statefulset invariants, each write failing alone: $management, $strategy", (setting) => {
  it.each(Object.keys(SCENARIOS))("%s", { timeout: 600_000 }, async (name) => {
    const deeds = SCENARIOS[name](setting);
    const clean = await play(deeds, () => undefined);
    for (const fault of FAULTS) {
      for (let at = 0; at < clean.writes; at++) {
        const { outcome } = await play(deeds, (index) => (index === at ? fault : undefined));
        expect(outcome, `${fault} at write ${at}`).toEqual(clean.outcome);
      }
    }
  });
});
