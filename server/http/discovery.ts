import { createHash } from "node:crypto";
import { ALL_VERBS, apiVersionOf, type Kind, storedKind } from "../../kinds/kind.js";
import { VIEW_VERBS } from "../../kinds/status.js";
import { viewOf } from "../pipeline/strategy.js";

/** A group and its versions, the preferred one first; the legacy group is "". */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

interface Sub {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
}

/** The subresources of a kind, by name. */
function subresourcesOf(kind: Kind): Sub[] {
  const subs: Sub[] = [];
  for (const name of [...(kind.status ? ["status"] : []), ...(kind.views ?? []).map((v) => v.name)]) {
    const view = viewOf(kind, name);
    if (view) subs.push({ name, kind: kind.kind, group: "", version: "", verbs: view.verbs });
  }
  if (kind.scale) subs.push({ name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: VIEW_VERBS });
  for (const c of kind.connect ?? []) subs.push({ name: c.name, kind: c.kind, group: c.group ?? "", version: c.version ?? "", verbs: c.verbs });
  return subs.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const sorted = (kinds: readonly Kind[]): Kind[] => [...kinds].sort((a, b) => (a.resource < b.resource ? -1 : 1));
const verbsOf = (kind: Kind): readonly string[] => kind.verbs ?? ALL_VERBS;

/** A hash that tells one storage version from another, as aggregators compare it. Source: discovery.StorageVersionHash. */
const storageVersionHash = (kind: Kind): string => {
  const { group, version, storageVersion = version, kind: name } = storedKind(kind);
  return createHash("sha256").update(`${group}/${storageVersion}/${name}`).digest().subarray(0, 8).toString("base64");
};

/** `/api/v1`, `/apis/apps/v1`: metav1.APIResourceList. */
export function resourceList(group: string, version: string, kinds: readonly Kind[]): object {
  const resources: object[] = [];
  for (const kind of sorted(kinds)) {
    resources.push({
      name: kind.resource,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: verbsOf(kind),
      ...(kind.shortNames?.length ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories?.length ? { categories: kind.categories } : {}),
      ...(verbsOf(kind).includes("list") && !kind.computed ? { storageVersionHash: storageVersionHash(kind) } : {}),
    });
    for (const sub of subresourcesOf(kind))
      resources.push({
        name: `${kind.resource}/${sub.name}`,
        singularName: "",
        namespaced: kind.namespaced,
        ...(sub.group ? { group: sub.group } : {}),
        ...(sub.version ? { version: sub.version } : {}),
        kind: sub.kind,
        verbs: sub.verbs,
      });
  }
  const groupVersion = apiVersionOf({ group, version });
  return { kind: "APIResourceList", ...(group ? { apiVersion: "v1" } : {}), groupVersion, resources };
}

const versionsOf = (group: ServedGroup) => group.versions.map((version) => ({ groupVersion: `${group.name}/${version}`, version }));

/** `/apis/apps`: metav1.APIGroup. */
export const apiGroup = (group: ServedGroup): object => ({
  kind: "APIGroup",
  apiVersion: "v1",
  name: group.name,
  versions: versionsOf(group),
  preferredVersion: versionsOf(group)[0],
});

/** `/apis`: metav1.APIGroupList. */
export const apiGroupList = (groups: readonly ServedGroup[]): object => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: groups.filter((g) => g.name).map((g) => ({ name: g.name, versions: versionsOf(g), preferredVersion: versionsOf(g)[0] })),
});

/** `/api`: metav1.APIVersions. */
export const apiVersions = (address: string): object => ({
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
});

/** `/api` or `/apis` in the aggregated form: apidiscovery.k8s.io/v2 APIGroupDiscoveryList. What a version has that is not the server's own nobody has seen. */
export function aggregated(groups: readonly ServedGroup[], kinds: readonly Kind[]): { readonly metadata: object; readonly items: readonly object[] } {
  const items = groups.map((group) => ({
    metadata: group.name ? { name: group.name } : {},
    versions: group.versions.map((version) => {
      const own = kinds.filter((k) => k.group === group.name && k.version === version);
      return own.length ? { version, resources: sorted(own).map(discovered), freshness: "Current" } : { version, freshness: "Stale" };
    }),
  }));
  const head = { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" };
  return { ...head, metadata: {}, items };
}

function discovered(kind: Kind): object {
  const subs = subresourcesOf(kind);
  return {
    resource: kind.resource,
    responseKind: { group: "", version: "", kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...(kind.shortNames?.length ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories?.length ? { categories: kind.categories } : {}),
    ...(subs.length
      ? {
          subresources: subs.map((s) => ({
            subresource: s.name,
            responseKind: { group: s.group, version: s.version, kind: s.kind },
            verbs: s.verbs,
          })),
        }
      : {}),
  };
}
