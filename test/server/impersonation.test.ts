import { describe, expect, it } from "vitest";
import { type Attributes, type Authorizer, isPath } from "../../server/auth/authorizer.js";
import { createImpersonation, wantedUser } from "../../server/auth/impersonation.js";
import { ApiError } from "../../server/errors.js";
import type { UserInfo } from "../../server/pipeline/types.js";

/** `impersonate users eve`, `impersonate:user-info authentication.k8s.io/userextras/scopes view`, `impersonate serviceaccounts till in shop`. */
function text(a: Attributes): string {
  if (isPath(a)) return `${a.verb} ${a.path}`;
  const what = [a.group, a.resource, a.subresource].filter(Boolean).join("/");
  return `${a.verb} ${what}${a.name && ` ${a.name}`}${a.namespace && ` in ${a.namespace}`}`;
}
const AUTHN = "authentication.k8s.io";
const LIST = "list pods in default";
const REQUESTOR: UserInfo = { name: "max", groups: ["system:authenticated"] };

/** Somebody who has these rights; what he was asked for is in `asked`. */
function rights(...given: string[]) {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    authorize: (a) => {
      asked.push(text(a));
      return { allowed: given.includes(text(a)), reason: "" };
    },
    rulesFor: () => ({ rules: [], errors: [] }),
  };
  const act = createImpersonation(authorizer);
  const attempt = (wanted: Partial<UserInfo> & { name: string }, user = REQUESTOR): UserInfo | string => {
    const attributes: Attributes = { user, verb: "list", group: "", resource: "pods", subresource: "", name: "", namespace: "default" };
    try {
      return act(attributes, { groups: [], ...wanted });
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  };
  return { attempt, asked };
}
const on = (mode: string): string => `impersonate-on:${mode}:${LIST}`;
const cannot = (verb: string, resource: string, group: string, where = "at the cluster scope"): string =>
  `is forbidden: User "max" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;

describe("#4.5 impersonation: modes", () => {
  it("the old right alone", () => {
    const { attempt, asked } = rights("impersonate users eve", "impersonate groups devs");
    expect(attempt({ name: "eve", groups: ["devs"] })).toEqual({ name: "eve", groups: ["devs", "system:authenticated"] });
    expect(asked).toEqual([on("user-info"), "impersonate users eve", "impersonate groups devs"]);
    // it worked before, so it is tried first, and its refusal counts
    expect(attempt({ name: "eve", groups: ["ops"] })).toBe(`groups "ops" ${cannot("impersonate", "groups", "")}`);
  });
  it("a right on the request, and one on the user", () => {
    const { attempt } = rights(on("user-info"), `impersonate:user-info ${AUTHN}/users eve`);
    expect(attempt({ name: "eve" })).toEqual({ name: "eve", groups: ["system:authenticated"] });
    expect(attempt({ name: "bob" })).toBe(`users.${AUTHN} "bob" ${cannot("impersonate:user-info", "users", AUTHN)}`);
  });
  it("none at all: the request is what is missing first", () => {
    expect(rights().attempt({ name: "eve" })).toBe(`pods ${cannot("impersonate-on:user-info:list", "pods", "", 'in the namespace "default"')}`);
  });
  it.each([
    ["system:serviceaccount:shop:till", "serviceaccount", `${AUTHN}/serviceaccounts till in shop`, ["system:serviceaccounts", "system:serviceaccounts:shop"]],
    ["system:node:n1", "arbitrary-node", `${AUTHN}/nodes n1`, ["system:nodes"]],
  ])("%s is of a mode of its own", (name, mode, right, groups) => {
    const { attempt } = rights(on(mode), `impersonate:${mode} ${right}`);
    expect(attempt({ name })).toEqual({ name, groups: [...groups, "system:authenticated"] });
    // with groups only the old right is left
    expect(attempt({ name, groups: ["x"] })).toMatch(/cannot impersonate resource "(serviceaccounts|users)" in API group ""/);
  });
  it("an account on its own node", () => {
    const name = "system:node:n1";
    const agent = { name: "system:serviceaccount:shop:agent", groups: [], extra: { "authentication.kubernetes.io/node-name": ["n1"] } };
    const { attempt } = rights(on("associated-node"), `impersonate:associated-node ${AUTHN}/nodes *`);
    expect(attempt({ name }, agent)).toEqual({ name, groups: ["system:nodes", "system:authenticated"] });
    expect(attempt({ name: "system:node:n2" }, agent)).toContain("impersonate-on:arbitrary-node:list");
    expect(attempt({ name })).toContain("impersonate-on:arbitrary-node:list");
  });
  it.each([
    [{ groups: ["system:masters"] }, `groups.${AUTHN} "system:masters" is forbidden: `, "impersonating the system:masters group is not allowed"],
    [{ groups: ["a", ""] }, `groups.${AUTHN} is forbidden: `, "impersonating the empty string group is not allowed"],
    [
      { extra: { scopes: ["a"] } },
      `userextras.${AUTHN} is forbidden: `,
      'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [{ extra: { "a.io/b": [""] } }, `userextras.${AUTHN} is forbidden: `, "impersonating the empty string value in extra is not allowed"],
  ])("a constrained mode does not do %j", (wanted, head, why) => {
    const { attempt } = rights(on("user-info"), `impersonate:user-info ${AUTHN}/users eve`);
    const message = attempt({ name: "eve", ...wanted }) as string;
    expect(message.startsWith(head)).toBe(true);
    expect(message.endsWith(`: ${why}`)).toBe(true);
  });
  it("one right on all, where many are asked for", () => {
    const base = [on("user-info"), `impersonate:user-info ${AUTHN}/users eve`];
    const groups = ["a", "b", "c", "d"];
    const { attempt, asked } = rights(...base, `impersonate:user-info ${AUTHN}/groups *`);
    expect(attempt({ name: "eve", groups })).toEqual({ name: "eve", groups: [...groups, "system:authenticated"] });
    expect(asked.length).toBe(3);
    expect(attempt({ name: "eve", groups: groups.slice(1) })).toContain('groups.authentication.k8s.io "b" is forbidden');
    const extra = { "x.io/k": ["1", "2"], "x.io/l": ["3", "4"] };
    expect(rights(...base, `impersonate:user-info ${AUTHN}/userextras/* *`).attempt({ name: "eve", extra })).toMatchObject({ name: "eve", extra });
  });
  it("every uid and every value of extra is a right", () => {
    const needed = ["impersonate users eve", `impersonate ${AUTHN}/uids u`, `impersonate ${AUTHN}/userextras/k v`, `impersonate ${AUTHN}/userextras/k w`];
    const wanted = { name: "eve", uid: "u", extra: { k: ["v", "w"] } };
    expect(rights(...needed).attempt(wanted)).toMatchObject({ uid: "u" });
    for (const missing of needed) expect(typeof rights(...needed.filter((n) => n !== missing)).attempt(wanted)).toBe("string");
  });
});

describe("#4.5 impersonation: headers", () => {
  it("any spelling, values in their order, keys unescaped where they can be", () => {
    const raw = [
      "Impersonate-User",
      "eve",
      "X-Other",
      "1",
      "IMPERSONATE-GROUP",
      "a",
      "impersonate-group",
      "b",
      "Impersonate-Extra-A%2fB",
      "1",
      "impersonate-extra-a%2FB",
      "2",
    ];
    expect(wantedUser(raw)).toEqual({ name: "eve", groups: ["a", "b"], extra: { "a/b": ["1", "2"] } });
    expect(wantedUser(["impersonate-user", "eve", "impersonate-extra-50%", "x"])?.extra).toEqual({ "50%": ["x"] });
    expect(wantedUser(["impersonate-user", "", "accept", "x"])).toBeUndefined();
    expect(() => wantedUser(["impersonate-uid", "u"])).toThrow(
      'requested &user.DefaultInfo{Name:"", UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)}',
    );
  });
  it("keys that mean something to JavaScript are keys", () => {
    expect(Object.keys(wantedUser(["impersonate-user", "e", "impersonate-extra-__proto__", "x"])?.extra ?? {})).toEqual(["__proto__"]);
  });
});
