/** clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy. Source: pkg/apis/core/validation ValidateServiceClusterIPsRelatedFields and the update checks. */
import { duplicate, type FieldError, invalid, notSupported, required } from "../../field.js";
import { isIPv6String, isValidIPForLegacyField } from "../../validation/ip.js";
import { isHeadless, type Spec } from "./types.js";

const FAMILIES = ["IPv4", "IPv6"];
const POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/** Also run by allocation itself, before it fills in the families. */
export function validateClusterIPFields(spec: Spec, old?: Spec): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const out: FieldError[] = [];
  const ips = spec.clusterIPs ?? [];
  const families = spec.ipFamilies ?? [];
  const field = "spec.clusterIPs";
  if (spec.clusterIP) {
    if (ips.length === 0) out.push(required(field));
    else if (ips[0] !== spec.clusterIP) out.push(invalid(field, ips, "first value must match `clusterIP`"));
  } else if (ips.length > 0) out.push(invalid(field, ips, "must be empty when `clusterIP` is not specified"));

  for (const [i, family] of families.entries()) {
    if (!FAMILIES.includes(family)) out.push(notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES));
    if (families.indexOf(family) < i) out.push(duplicate(`spec.ipFamilies[${i}]`, family));
  }
  if ((spec.ipFamilyPolicy ?? null) !== null && !POLICIES.includes(spec.ipFamilyPolicy as string))
    out.push(notSupported("spec.ipFamilyPolicy", spec.ipFamilyPolicy, POLICIES));

  let bad = false;
  for (const [i, ip] of ips.entries()) {
    if (i === 0 && ip === "None") {
      if (ips.length > 1) {
        bad = true;
        out.push(invalid(field, ips, "'None' must be the first and only value"));
      }
      continue;
    }
    const found = isValidIPForLegacyField(`${field}[${i}]`, ip, true, old?.clusterIPs ?? []);
    bad ||= found.length > 0;
    out.push(...found);
  }
  if (ips.length > 2) out.push(invalid(field, ips, "may only hold up to 2 values"));
  // What follows would only confuse when an address is no address.
  if (bad) return out;
  if (ips.length > 1) {
    const dual = ips.some(isIPv6String) && !ips.every(isIPv6String);
    if (!dual) out.push(invalid(field, ips, "may specify no more than one IP for each IP family"));
  }
  if (!isHeadless(spec)) {
    for (const [i, ip] of ips.entries()) {
      if (families[i] === "IPv4" && isIPv6String(ip)) out.push(invalid(`${field}[${i}]`, ip, `expected an IPv4 value as indicated by \`ipFamilies[${i}]\``));
      if (families[i] === "IPv6" && !isIPv6String(ip)) out.push(invalid(`${field}[${i}]`, ip, `expected an IPv6 value as indicated by \`ipFamilies[${i}]\``));
    }
  }
  return out;
}

const ONCE = "may not change once set";

function releasedSecondary(spec: Spec, what: string): FieldError[] {
  if (spec.ipFamilyPolicy === "SingleStack") return [];
  return [invalid("spec.ipFamilyPolicy", spec.ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${what}`)];
}

/** Addresses may be added or, by way of SingleStack, released; never exchanged. */
export function validateClusterIPsUpdate(old: Spec, spec: Spec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName" || (isHeadless(old) && isHeadless(spec))) return [];
  const before = old.clusterIPs ?? [];
  const after = spec.clusterIPs ?? [];
  if (before.length === after.length) return before.flatMap((ip, i) => (ip === after[i] ? [] : [invalid(`spec.clusterIPs[${i}]`, after, ONCE)]));
  const out: FieldError[] = [];
  if (after.length === 0) out.push(invalid("spec.clusterIPs[0]", after, "primary clusterIP can not be unset"));
  if (before.length > 0 && after.length > 0 && before[0] !== after[0]) out.push(invalid("spec.clusterIPs[0]", after, ONCE));
  if (before.length > after.length && after.length === 1) out.push(...releasedSecondary(spec, "clusterIP"));
  return out;
}

export function validateIPFamiliesUpdate(old: Spec, spec: Spec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName" || isHeadless(old) || isHeadless(spec)) return [];
  const before = old.ipFamilies ?? [];
  const after = spec.ipFamilies ?? [];
  if (before.length === after.length) return before.flatMap((family, i) => (family === after[i] ? [] : [invalid("spec.ipFamilies[0]", after, ONCE)]));
  const out: FieldError[] = [];
  if (before.length > after.length && !spec.clusterIPs?.length) out.push(invalid("spec.ipFamilies[0]", after, "primary ipFamily can not be unset"));
  // The value printed is clusterIPs: upstream's slip, and part of the message.
  if (before.length > 0 && after.length > 0 && before[0] !== after[0]) out.push(invalid("spec.ipFamilies[0]", spec.clusterIPs ?? null, ONCE));
  if (before.length > after.length && after.length === 1) out.push(...releasedSecondary(spec, "ipFamily"));
  return out;
}
