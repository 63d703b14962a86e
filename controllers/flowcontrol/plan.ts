import { internalEqual } from "../../kinds/core/pod/internal.js";
import { AUTOUPDATE, MANDATORY_LEVELS, MANDATORY_SCHEMAS, SUGGESTED_LEVELS, SUGGESTED_SCHEMAS } from "../../kinds/flowcontrol/bootstrap.js";
import type { KubeObject } from "../../kinds/object.js";

/** A write that brings an object of the server's own back to what it should be. */
export type Upkeep =
  | { readonly action: "create"; readonly object: KubeObject }
  | { readonly action: "update"; readonly object: KubeObject }
  | { readonly action: "delete"; readonly name: string };

const parseBool = (text: string | undefined): boolean | undefined => {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text ?? "")) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text ?? "") ? false : undefined;
};

/**
 * What to do about the server's own objects of one kind. Missing ones come back; mandatory ones are kept, suggested ones unless their annotation, or a changed
 * spec without it, says that somebody has taken them over; others that say they are the server's go. Source: pkg/registry/flowcontrol/ensurer.
 */
export function planUpkeep(kind: "FlowSchema" | "PriorityLevelConfiguration", existing: readonly KubeObject[]): Upkeep[] {
  const [mandatory, suggested] = kind === "FlowSchema" ? [MANDATORY_SCHEMAS, SUGGESTED_SCHEMAS] : [MANDATORY_LEVELS, SUGGESTED_LEVELS];
  const byName = new Map(existing.map((object) => [object.metadata.name ?? "", object]));
  const out: Upkeep[] = [];
  for (const [name, spec] of Object.entries({ ...suggested, ...mandatory })) {
    const current = byName.get(name);
    if (!current) {
      out.push({ action: "create", object: { metadata: { name, annotations: { [AUTOUPDATE]: "true" } }, spec } });
      continue;
    }
    const said = parseBool(current.metadata.annotations?.[AUTOUPDATE]);
    const keep = Object.hasOwn(mandatory, name) || (said ?? current.metadata.generation === 1);
    // how much the exempt level lends is the administrator's to say
    const wanted = name === "exempt" && kind === "PriorityLevelConfiguration" ? { ...spec, exempt: current.spec?.exempt } : spec;
    const stale = keep && !internalEqual(`${kind}Spec`, wanted, current.spec);
    if (!stale && said === keep) continue;
    const annotations = { ...current.metadata.annotations, [AUTOUPDATE]: String(keep) };
    out.push({ action: "update", object: { ...current, metadata: { ...current.metadata, annotations }, spec: stale ? wanted : current.spec } });
  }
  for (const [name, object] of byName)
    if (!Object.hasOwn(mandatory, name) && !Object.hasOwn(suggested, name) && parseBool(object.metadata.annotations?.[AUTOUPDATE]))
      out.push({ action: "delete", name });
  return out;
}
