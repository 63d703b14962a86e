import { median } from "../load.js";
import type { Measurement } from "../types.js";

/** From the spawn on an empty state folder to the first 200 on /readyz. */
export const coldStart: Measurement = {
  name: "coldstart",
  async run({ coldStart: once, runs }) {
    const name = "cold start to the first 200 on /readyz";
    if (!once) return [];
    const times: number[] = [];
    for (let i = 0; i < runs; i++) times.push(await once());
    return [{ name, unit: "ms", value: median(times), runs: times }];
  },
};
