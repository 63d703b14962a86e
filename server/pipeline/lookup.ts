import type { Kind } from "../../kinds/kind.js";

/** The kinds a cluster serves. Custom resources join here while the cluster runs. */
export interface KindLookup {
  readonly all: readonly Kind[];
  find(group: string, version: string, resource: string): Kind | undefined;
  findKind(group: string, version: string, kind: string): Kind | undefined;
  hasGroup(group: string): boolean;
  hasVersion(group: string, version: string): boolean;
}

/** Lookup over a fixed list of kinds. */
export function lookupOf(kinds: readonly Kind[]): KindLookup {
  const byResource = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));
  const byKind = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.kind}`, k]));
  const groups = new Set(kinds.map((k) => k.group));
  const versions = new Set(kinds.map((k) => `${k.group}/${k.version}`));
  return {
    all: kinds,
    find: (group, version, resource) => byResource.get(`${group}/${version}/${resource}`),
    findKind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
    hasGroup: (group) => groups.has(group),
    hasVersion: (group, version) => versions.has(`${group}/${version}`),
  };
}
