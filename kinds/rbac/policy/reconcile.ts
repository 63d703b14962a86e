/** What a role or binding of the bootstrap policy becomes when a server starts again. Source: component-helpers auth/rbac/reconciliation. */
import type { KubeObject } from "../../object.js";
import type { PolicyRule, Subject } from "../../schema/api/rbac.v1.js";
import { semanticEqual } from "../../validation/equality.js";
import { uncovered } from "../rules.js";
import { AUTO_UPDATE } from "./parse.js";

export type Reconciliation =
  | { readonly action: "none" }
  | { readonly action: "update"; readonly object: KubeObject }
  /** A binding is to another role now: it cannot be changed, only made anew. */
  | { readonly action: "recreate" };

const NONE: Reconciliation = { action: "none" };

/** Adds what is missing and leaves what was added; nothing happens to an object whose annotation says "false". */
export function reconcilePolicy(existing: KubeObject, expected: KubeObject): Reconciliation {
  if (existing.metadata.annotations?.[AUTO_UPDATE] === "false") return NONE;
  if (expected.roleRef && !semanticEqual(existing.roleRef, expected.roleRef)) return { action: "recreate" };
  const parts = expected.roleRef ? binding(existing, expected) : role(existing, expected);
  const labels = missing(existing.metadata.labels, expected.metadata.labels);
  const annotations = missing(existing.metadata.annotations, expected.metadata.annotations);
  if (!parts && !labels && !annotations) return NONE;
  const metadata = { ...existing.metadata, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  return { action: "update", object: { ...existing, ...parts, metadata } };
}

type Texts = Record<string, string> | undefined;

/** Both maps together, those of the object before the expected ones; undefined when it has all keys. */
function missing(existing: Texts = {}, expected: Texts = {}): Texts {
  return Object.keys(expected).every((key) => Object.hasOwn(existing, key)) ? undefined : { ...expected, ...existing };
}

function role(existing: KubeObject, expected: KubeObject): Partial<KubeObject> | undefined {
  const out: Partial<KubeObject> = {};
  const rules: readonly PolicyRule[] = existing.rules ?? [];
  const lacking = uncovered(rules, expected.rules ?? []);
  if (lacking.length) out.rules = [...rules, ...lacking];
  const selectors: readonly object[] = existing.aggregationRule?.clusterRoleSelectors ?? [];
  const wanted: readonly object[] = expected.aggregationRule?.clusterRoleSelectors ?? [];
  const absent = wanted.filter((w) => !selectors.some((s) => semanticEqual(s, w)));
  if (absent.length) out.aggregationRule = { clusterRoleSelectors: [...selectors, ...absent] };
  else if (!expected.aggregationRule && existing.aggregationRule) out.aggregationRule = undefined;
  return Object.keys(out).length ? out : undefined;
}

function binding(existing: KubeObject, expected: KubeObject): Partial<KubeObject> | undefined {
  const subjects: readonly Subject[] = existing.subjects ?? [];
  const lacking = ((expected.subjects ?? []) as Subject[]).filter((w) => !subjects.some((s) => semanticEqual(s, w)));
  return lacking.length ? { subjects: [...subjects, ...lacking] } : undefined;
}
