import { describe, expect, it } from "vitest";
import { aggregatedRules } from "../../../kinds/rbac/aggregate.js";
import { allowsPath, allowsResource, describeMissing, type ResourceAccess, uncovered } from "../../../kinds/rbac/rules.js";
import type { PolicyRule } from "../../../kinds/schema/api/rbac.v1.js";

const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames ? { resourceNames } : {}),
});
const urls = (nonResourceURLs: string[], verbs: string[]): PolicyRule => ({ verbs, nonResourceURLs });
/** `get carts.shop/scale x` */
const access = (text: string): ResourceAccess => {
  const [verb = "", what = "", name = ""] = text.split(" ");
  const [, resource = "", group = "", subresource = ""] = /^([^./]*)(?:\.([^/]*))?(?:\/(.*))?$/.exec(what) ?? [];
  return { verb, group, resource, subresource, name };
};

describe("#4.5 RBAC rules: what a rule allows", () => {
  it.each([
    [rule([""], ["secrets"], ["get"]), "get secrets a", true],
    [rule([""], ["secrets"], ["get"]), "list secrets", false],
    [rule([""], ["secrets"], ["get"]), "get secrets.shop a", false],
    [rule(["*"], ["secrets"], ["get"]), "get secrets.shop a", true],
    [rule([""], ["*"], ["*"]), "frobnicate anything/at x", true],
    [rule([""], ["pods"], ["get"]), "get pods/log p", false],
    [rule([""], ["pods/log"], ["get"]), "get pods/log p", true],
    [rule([""], ["pods/log"], ["get"]), "get pods p", false],
    [rule(["apps"], ["*/scale"], ["update"]), "update deployments.apps/scale d", true],
    [rule(["apps"], ["*/scale"], ["update"]), "update deployments.apps/status d", false],
    [rule(["apps"], ["*/scale"], ["update"]), "update deployments.apps d", false],
    [rule(["apps"], ["deployments/*"], ["update"]), "update deployments.apps/scale d", false],
    [rule([""], ["secrets"], ["get"], ["a"]), "get secrets a", true],
    [rule([""], ["secrets"], ["get"], ["a"]), "get secrets b", false],
    [rule([""], ["secrets"], ["create"], ["a"]), "create secrets", false],
    [rule([""], ["secrets"], ["get"], ["*"]), "get secrets b", false],
    [rule([], ["secrets"], ["get"]), "get secrets a", false],
    [urls(["*"], ["*"]), "get secrets a", false],
  ])("%j, %s: %s", (given, text, expected) => expect(allowsResource(given, access(text))).toBe(expected));

  it.each([
    [urls(["/healthz"], ["get"]), "get", "/healthz", true],
    [urls(["/healthz"], ["get"]), "get", "/healthz/etcd", false],
    [urls(["/healthz/*"], ["get"]), "get", "/healthz/etcd", true],
    [urls(["/healthz/*"], ["get"]), "get", "/healthz", false],
    [urls(["/healthz*"], ["get"]), "get", "/healthzzz", true],
    [urls(["*"], ["*"]), "options", "/", true],
    [urls(["/a*/b"], ["get"]), "get", "/ax/b", false],
    [rule(["*"], ["*"], ["*"]), "get", "/healthz", false],
  ])("%j, %s %s: %s", (given, verb, path, expected) => expect(allowsPath(given, verb, path)).toBe(expected));
});

describe("#4.5 RBAC rules: what rules do not cover", () => {
  const held = [
    rule([""], ["secrets"], ["get", "list"]),
    rule(["apps"], ["*/scale"], ["*"]),
    rule([""], ["nodes"], ["get"], ["a", "b"]),
    urls(["/x/*"], ["get"]),
  ];
  it.each([
    ["less", [rule([""], ["secrets"], ["list"])], ""],
    ["one name of all", [rule([""], ["secrets"], ["get"], ["n"])], ""],
    ["any scale", [rule(["apps"], ["carts/scale"], ["patch"])], ""],
    ["a path below", [urls(["/x/y"], ["get"])], ""],
    ["names it has", [rule([""], ["nodes"], ["get"], ["b"])], ""],
    [
      "verbs put together again, things apart and sorted",
      [rule([""], ["secrets", "carts"], ["get", "update", "delete"])],
      ['{APIGroups:[""], Resources:["carts"], Verbs:["get" "update" "delete"]}', '{APIGroups:[""], Resources:["secrets"], Verbs:["update" "delete"]}'].join(
        "\n",
      ),
    ],
    ["all names", [rule([""], ["nodes"], ["get"])], '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}'],
    ["a name it lacks", [rule([""], ["nodes"], ["get"], ["a", "c"])], '{APIGroups:[""], Resources:["nodes"], ResourceNames:["c"], Verbs:["get"]}'],
    ["stars", [rule(["*"], ["*"], ["*"])], '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}'],
    [
      "a path beside, each verb",
      [urls(["/x", "/x/y"], ["get", "post"])],
      ['{NonResourceURLs:["/x"], Verbs:["get"]}', '{NonResourceURLs:["/x"], Verbs:["post"]}', '{NonResourceURLs:["/x/y"], Verbs:["post"]}'].join("\n"),
    ],
  ])("%s", (_name, wanted, expected) => expect(describeMissing(uncovered(held, wanted as PolicyRule[]))).toBe(expected));
});

describe("#4.5 RBAC rules: aggregation", () => {
  const of = (name: string, labels: Record<string, string>, ...rules: PolicyRule[]) => ({ metadata: { name, labels }, rules });
  const [one, two, three] = [rule([""], ["a"], ["get"]), rule([""], ["b"], ["get"]), rule([""], ["c"], ["get"])];
  const roles = [of("a", { set: "x" }, two, one), of("b", { set: "x", more: "y" }, { ...one, resourceNames: [] }, three), of("sum", { set: "x" }, three)];
  it("selectors in their order, roles by name, each rule once, itself not", () => {
    const sum = { metadata: { name: "sum" }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { set: "x" } }, { matchLabels: { more: "y" } }] } };
    expect(aggregatedRules(sum, roles)).toEqual([two, one, three]);
    const turned = { ...sum, aggregationRule: { clusterRoleSelectors: [...sum.aggregationRule.clusterRoleSelectors].reverse() } };
    expect(aggregatedRules(turned, roles).map((r) => r.resources)).toEqual([["a"], ["c"], ["b"]]);
  });
  it("nothing selected is no rule", () => {
    expect(aggregatedRules({ metadata: {}, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { set: "none" } }] } }, roles)).toEqual([]);
  });
});
