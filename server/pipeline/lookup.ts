import { type Kind, storedKind } from "../../kinds/kind.js";

/** The kinds a cluster serves. Custom resources join here while the cluster runs. */
export interface KindLookup {
  readonly all: readonly Kind[];
  find(group: string, version: string, resource: string): Kind | undefined;
  findKind(group: string, version: string, kind: string): Kind | undefined;
  hasGroup(group: string): boolean;
  hasVersion(group: string, version: string): boolean;
  /** Whether what the kind is stored as is served in other forms too. */
  hasForms(kind: Kind): boolean;
}

/** Another form of the same storage, by the `apiVersion` objects carry in it; the kind itself for its own, undefined where there is none. */
export function formOf(kinds: KindLookup, kind: Kind, apiVersion: string): Kind | undefined {
  const slash = apiVersion.indexOf("/");
  const found = kinds.findKind(slash < 0 ? "" : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind.kind);
  return found && storedKind(found) === storedKind(kind) ? found : undefined;
}

/** Lookup over a fixed list of kinds. */
export function lookupOf(kinds: readonly Kind[]): KindLookup {
  const byResource = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.resource}`, k]));
  const byKind = new Map(kinds.map((k) => [`${k.group}/${k.version}/${k.kind}`, k]));
  const groups = new Set(kinds.map((k) => k.group));
  const versions = new Set(kinds.map((k) => `${k.group}/${k.version}`));
  const several = new Set(kinds.flatMap((k) => (k.storedAs ? [k, k.storedAs.kind] : [])));
  return {
    all: kinds,
    find: (group, version, resource) => byResource.get(`${group}/${version}/${resource}`),
    findKind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
    hasGroup: (group) => groups.has(group),
    hasVersion: (group, version) => versions.has(`${group}/${version}`),
    hasForms: (kind) => several.has(kind),
  };
}
