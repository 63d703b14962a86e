import { describe, expect, it } from "vitest";
import { startEventExpiry } from "../../server/pipeline/expiry.js";
import { watch } from "../../server/pipeline/watch.js";
import { EVERYTHING } from "../../server/pipeline/selection.js";
import { type World, world } from "./world.js";

const MINUTE = 60_000;
const event = { involvedObject: { kind: "Pod", name: "p", namespace: "default" }, reason: "R", message: "m", type: "Normal" };

function types(made: World): string[] {
  const seen: string[] = [];
  const sink = { items: (items: readonly { type: string }[]) => seen.push(...items.map((i) => i.type)), initialEventsEnd: () => {} };
  watch(made.services, made.target("events").kind, "", { resourceVersion: String(made.store.revision) }, EVERYTHING, sink);
  return seen;
}
/** Every write accepted before is committed once this one is. */
const settled = (made: World) => made.create("configmaps", { metadata: { generateName: "x-" } });

describe("#3.1 pipeline: Events expire", () => {
  it("removes an Event an hour after its last write, and watchers see it go", async () => {
    const made = await world();
    startEventExpiry(made.services, { clock: made.clock });
    await made.create("events/a", event);
    const seen = types(made);
    made.clock.advance(30 * MINUTE);
    await made.create("events/b", event);
    await made.patch("events/a", { count: 2 });
    made.clock.advance(59 * MINUTE);
    await settled(made);
    expect([made.has("events/a"), made.has("events/b")]).toEqual([true, true]);
    made.clock.advance(2 * MINUTE);
    await settled(made);
    expect([made.has("events/a"), made.has("events/b")]).toEqual([false, false]);
    expect(seen).toEqual(["ADDED", "MODIFIED", "DELETED", "DELETED"]);
  });

  it("counts from the last write it can tell for Events that were there before", async () => {
    const made = await world();
    await made.create("events/old", event);
    made.clock.advance(50 * MINUTE);
    await made.create("events/young", event);
    startEventExpiry(made.services, { clock: made.clock });
    made.clock.advance(15 * MINUTE);
    await settled(made);
    expect([made.has("events/old"), made.has("events/young")]).toEqual([false, true]);
  });

  it("does nothing after it was stopped", async () => {
    const made = await world();
    const expiry = startEventExpiry(made.services, { clock: made.clock });
    await made.create("events/a", event);
    expiry.stop();
    made.clock.advance(120 * MINUTE);
    await settled(made);
    expect(made.has("events/a")).toBe(true);
    expect(made.clock.next()).toBeUndefined();
  });
});
