import { fieldsOf } from "../../../kinds/schema/index.js";
import type { Param } from "./model.js";

/** Looks up the prose of a query parameter; undefined where there is none. */
export type ParamText = (options: string, name: string) => string | undefined;

/**
 * Query parameters of the verbs: the fields of metav1's options that are neither structs nor of TypeMeta, by type. Source: apimachinery
 * pkg/apis/meta/v1/types.go.
 */
const META_OPTIONS = {
  ListOptions: {
    string: ["continue", "fieldSelector", "labelSelector", "resourceVersion", "resourceVersionMatch", "shardSelector"],
    integer: ["limit", "timeoutSeconds"],
    boolean: ["allowWatchBookmarks", "sendInitialEvents", "watch"],
  },
  CreateOptions: { string: ["dryRun", "fieldManager", "fieldValidation"], integer: [], boolean: [] },
  UpdateOptions: { string: ["dryRun", "fieldManager", "fieldValidation"], integer: [], boolean: [] },
  PatchOptions: { string: ["dryRun", "fieldManager", "fieldValidation"], integer: [], boolean: ["force"] },
  DeleteOptions: {
    string: ["dryRun", "propagationPolicy"],
    integer: ["gracePeriodSeconds"],
    boolean: ["ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents"],
  },
} as const;

/** Query parameters of one of metav1's options, without `except`. */
export function metaParams(options: keyof typeof META_OPTIONS, text: ParamText, except: readonly string[] = []): Param[] {
  const out: Param[] = [];
  for (const type of ["string", "integer", "boolean"] as const)
    for (const name of META_OPTIONS[options][type]) if (!except.includes(name)) out.push({ name, in: "query", type, description: text(options, name) });
  return out;
}

/**
 * Query parameters of a connect or log request, from the fields of its options (`io.k8s.api.core.v1.PodExecOptions`): lists are given by repeating
 * the parameter and count as their items' type. Structs are left out, as installer.AddObjectParams leaves them out; times too, since they have no type there.
 */
export function objectParams(schema: string, text: ParamText): Param[] {
  const out: Param[] = [];
  for (const [name, field] of fieldsOf(schema)) {
    if (field.inlineOf) continue;
    const type = field.type.k === "list" ? field.type.of : field.type;
    if (type.k !== "scalar") continue;
    const json = type.name === "string" ? "string" : type.name === "bool" ? "boolean" : "integer";
    out.push({ name, in: "query", type: json, description: text(schema.slice(schema.lastIndexOf(".") + 1), name) });
  }
  return out;
}

/** `?pretty=` of every route that answers an object. */
export const prettyParam = (text: ParamText): Param => ({ name: "pretty", in: "query", type: "string", description: text("request", "pretty") });

export const pathParam = (name: string, description: string | undefined): Param => ({ name, in: "path", type: "string", description });
