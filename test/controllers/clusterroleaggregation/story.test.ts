import { afterEach, describe, expect, it } from "vitest";
import { clusterRoleAggregationController } from "../../../controllers/clusterroleaggregation/index.js";
import { ensurePolicy } from "../../../server/auth/rbac/bootstrap.js";
import { type Live, live } from "../support/live.js";

const rule = (resource: string) => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });
const part = (resource: string, label = "sum") => ({ metadata: { labels: { [label]: "yes" } }, rules: [rule(resource)] });
const gathering = (label: string) => ({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: "yes" } }] } });

describe("#4.5 cluster role aggregation: story", () => {
  let w: Live;
  afterEach(() => w.stop());
  const resources = (name: string): string[] | null => w.get(`clusterroles/${name}`).rules?.map((r: { resources: string[] }) => r.resources[0]) ?? null;

  it("parts come, change and go, and what gathers a gathering role follows", async () => {
    w = await live(clusterRoleAggregationController);
    await w.create("clusterroles/sum", { ...gathering("sum"), metadata: { labels: { total: "yes" } } });
    await w.create("clusterroles/all", gathering("total"));
    await w.create("clusterroles/b", part("b"));
    await w.create("clusterroles/a", part("a"));
    await w.settle();
    expect([resources("sum"), resources("all")]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(w.get("clusterroles/sum").metadata.managedFields?.[0]).toMatchObject({ manager: "clusterrole-aggregation-controller", operation: "Apply" });
    await w.patch("clusterroles/a", { rules: [rule("c")] });
    await w.remove("clusterroles/b");
    await w.settle();
    expect(resources("all")).toEqual(["c"]);
    // what somebody else writes does not stay
    await w.patch("clusterroles/sum", { rules: [rule("x")] });
    await w.settle();
    expect(resources("sum")).toEqual(["c"]);
    await w.patch("clusterroles/a", { metadata: { labels: { sum: null } } });
    await w.settle();
    expect([resources("sum"), resources("all")]).toEqual([null, null]);
  });

  it("finds the policy of a new cluster as it would have made it", async () => {
    w = await live();
    await ensurePolicy(w.services, true);
    const before = w.store.revision;
    w.stop();
    const again = await live(clusterRoleAggregationController);
    await ensurePolicy(again.services, true);
    await again.settle();
    expect(again.store.revision).toBe(before);
    w = again;
  });
});
