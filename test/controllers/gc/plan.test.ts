import { describe, expect, it } from "vitest";
import { decide, type Owner } from "../../../controllers/gc/plan.js";
import type { KubeObject, OwnerReference } from "../../../kinds/object.js";

const ref = (uid: string, more: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: "v1", kind: "ConfigMap", name: uid, uid, ...more });
const object = (uid: string, meta: object = {}): KubeObject => ({ metadata: { name: uid, uid, ...meta } });
const there = (uid: string, meta: object = {}): Owner => ({ is: "there", object: object(uid, meta) });
const absent: Owner = { is: "absent" };
const foreground = { deletionTimestamp: "2025-01-01T00:00:00Z", finalizers: ["foregroundDeletion"] };
const me = object("me");

describe("#3.3 garbage collector: plan", () => {
  it.each<[string, KubeObject, [OwnerReference, Owner][], KubeObject[], unknown]>([
    ["no owners", me, [], [], { do: "nothing" }],
    ["an owner that is there", me, [[ref("a"), there("a")]], [], { do: "nothing" }],
    [
      "an owner that is on its way, in the background",
      me,
      [[ref("a"), there("a", { deletionTimestamp: "x", finalizers: ["example.com/x"] })]],
      [],
      { do: "nothing" },
    ],
    [
      "all owners gone",
      me,
      [
        [ref("a"), absent],
        [ref("b"), absent],
      ],
      [],
      { do: "delete", policy: "Background", unblock: false },
    ],
    [
      "one of two owners gone",
      me,
      [
        [ref("a"), absent],
        [ref("b"), there("b")],
      ],
      [],
      { do: "drop references", uids: ["a"] },
    ],
    [
      "an owner of an unknown kind",
      me,
      [
        [ref("a"), { is: "unknown" }],
        [ref("b"), absent],
      ],
      [],
      { do: "nothing" },
    ],
    ["the owner waits in the foreground", me, [[ref("a"), there("a", foreground)]], [], { do: "delete", policy: "Background", unblock: false }],
    ["the owner waits, and so would this one", me, [[ref("a"), there("a", foreground)]], [object("d")], { do: "delete", policy: "Foreground", unblock: false }],
    ["a circle of waiting ones", me, [[ref("a"), there("a", foreground)]], [object("d", foreground)], { do: "delete", policy: "Foreground", unblock: true }],
    [
      "another owner waits",
      me,
      [
        [ref("a"), there("a", foreground)],
        [ref("b"), there("b")],
      ],
      [],
      { do: "drop references", uids: ["a"] },
    ],
    ["an orphan finalizer of its own", object("me", { finalizers: ["orphan"] }), [[ref("a"), absent]], [], { do: "delete", policy: "Orphan", unblock: false }],
    ["being deleted", object("me", { deletionTimestamp: "x", finalizers: ["example.com/x"] }), [[ref("a"), absent]], [], { do: "nothing" }],
    ["being deleted, orphaning", object("me", { deletionTimestamp: "x", finalizers: ["orphan"] }), [], [object("d")], { do: "orphan dependents" }],
    [
      "being deleted, with a dependent that blocks",
      object("me", foreground),
      [],
      [object("d", { ownerReferences: [ref("me", { blockOwnerDeletion: true })] })],
      { do: "wait for dependents" },
    ],
    ["being deleted, with one that does not", object("me", foreground), [], [object("d", { ownerReferences: [ref("me")] })], { do: "drop finalizer" }],
  ])("%s", (_, o, owners, dependents, decision) => {
    expect(decide(o, owners, dependents)).toEqual(decision);
  });
});
