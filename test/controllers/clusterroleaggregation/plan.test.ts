import { describe, expect, it } from "vitest";
import { planAggregation } from "../../../controllers/clusterroleaggregation/plan.js";

const rule = (resource: string) => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });
const part = (name: string, resource: string) => ({ metadata: { name, labels: { sum: "yes" } }, rules: [rule(resource)] });
const sum = (rules: object[] | null, metadata: object = {}) => ({
  metadata: { name: "sum", ...metadata },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { sum: "yes" } }] },
  rules,
});

describe("#4.5 cluster role aggregation: plan", () => {
  it.each([
    ["fills a new one", [part("a", "x"), sum(null)], [{ name: "sum", rules: [rule("x")] }]],
    ["takes away what is gone", [part("a", "x"), sum([rule("x"), rule("y")])], [{ name: "sum", rules: [rule("x")] }]],
    ["empties", [sum([rule("x")])], [{ name: "sum", rules: [] }]],
    ["leaves what is right", [part("a", "x"), sum([rule("x")])], []],
    ["leaves one without parts", [sum(null)], []],
    ["leaves one that is going", [part("a", "x"), sum(null, { deletionTimestamp: "2026-01-01T00:00:00Z" })], []],
    ["leaves the others", [part("a", "x")], []],
  ])("%s", (_name, roles, expected) => expect(planAggregation(roles as never)).toEqual(expected));
});
