/**
 * Which IP families a Service has: decided before addresses are allocated, on create and on update. Source: pkg/registry/core/service/storage/alloc.go
 * initIPFamilyFields.
 */
import { type FieldError, invalid } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { isIPv4String, isIPv6String } from "../../validation/ip.js";
import { validateClusterIPFields } from "./cluster-ips.js";
import { type Spec, sameStrings } from "./types.js";

/** "IPv4" or "IPv6". */
export type IPFamily = string;

const POLICY = "spec.ipFamilyPolicy";
const other = (family: IPFamily): IPFamily => (family === "IPv4" ? "IPv6" : "IPv4");
const familyOf = (ip: string): IPFamily => (isIPv4String(ip) ? "IPv4" : isIPv6String(ip) ? "IPv6" : "unknown");
const fewer = (now: readonly string[] | undefined, before: readonly string[] | undefined): boolean =>
  (now?.length ?? 0) > 0 && (now?.length ?? 0) < (before?.length ?? 0);

/** Nothing about families moves: a PreferDualStack Service that an update leaves as it is. */
function unchanged(spec: Spec, before: Spec | undefined): boolean {
  return (
    before !== undefined &&
    spec.ipFamilyPolicy === "PreferDualStack" &&
    (before.ipFamilyPolicy ?? "PreferDualStack") === "PreferDualStack" &&
    before.type === spec.type &&
    ["ClusterIP", "NodePort", "LoadBalancer"].includes(spec.type ?? "") &&
    sameStrings(before.clusterIPs, spec.clusterIPs) &&
    sameStrings(before.ipFamilies, spec.ipFamilies)
  );
}

function releaseSecondary(spec: Spec, before: Spec): FieldError[] {
  if (spec.ipFamilyPolicy !== "SingleStack") {
    return [
      ...(fewer(spec.clusterIPs, before.clusterIPs) ? [invalid(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP")] : []),
      ...(fewer(spec.ipFamilies, before.ipFamilies) ? [invalid(POLICY, spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family")] : []),
    ];
  }
  if (sameStrings(before.clusterIPs, spec.clusterIPs)) spec.clusterIPs = spec.clusterIPs?.slice(0, 1);
  if (sameStrings(before.ipFamilies, spec.ipFamilies)) spec.ipFamilies = spec.ipFamilies?.slice(0, 1);
  return [];
}

/**
 * Fills in `ipFamilyPolicy` and `ipFamilies`, in place. `configured` are the cluster's families, the primary one first. What it returns ends the
 * request as a 422 of its own: the strategy does not validate after that.
 */
export function initIPFamilies(object: KubeObject, old: KubeObject | undefined, configured: readonly IPFamily[]): FieldError[] {
  const spec: Spec = object.spec ?? {};
  const before: Spec | undefined = old?.spec;
  if (spec.type === "ExternalName" || unchanged(spec, before)) return [];
  const headlessWithoutSelector = spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? (headlessWithoutSelector ? "RequireDualStack" : "SingleStack");
  const fields = validateClusterIPFields(spec, before);
  if (fields.length > 0) return fields;

  const out: FieldError[] = before ? releaseSecondary(spec, before) : [];
  if (spec.ipFamilyPolicy === "SingleStack") {
    const text = (what: string): string => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    if (spec.clusterIPs?.length === 2) out.push(invalid(POLICY, spec.ipFamilyPolicy, text("cluster IPs")));
    if (spec.ipFamilies?.length === 2) out.push(invalid(POLICY, spec.ipFamilyPolicy, text("IP families")));
  }
  const families = [...(spec.ipFamilies ?? [])];
  for (const [i, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === "None") break;
    if (i < families.length) continue;
    const family = familyOf(ip);
    if (configured.includes(family)) families.push(family);
    else out.push(invalid(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`));
  }
  if (out.length > 0) return out;

  if (headlessWithoutSelector) {
    // Its endpoints are somebody else's: both families may come, whatever the cluster has.
    if (families.length === 0) families.push(configured[0] as IPFamily);
    if (families.length < 2 && spec.ipFamilyPolicy !== "SingleStack") families.push(other(families[0] as IPFamily));
    spec.ipFamilies = families;
    return [];
  }
  if (spec.ipFamilyPolicy === "RequireDualStack" && configured.length < 2)
    out.push(invalid(POLICY, spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services"));
  for (const [i, family] of families.entries())
    if (!configured.includes(family)) out.push(invalid(`spec.ipFamilies[${i}]`, family, "not configured on this cluster"));
  if (out.length > 0) return out;
  if (families.length === 0) families.push(configured[0] as IPFamily);
  if (spec.ipFamilyPolicy !== "SingleStack" && families.length === 1 && configured.length === 2) families.push(other(families[0] as IPFamily));
  spec.ipFamilies = families;
  return [];
}
