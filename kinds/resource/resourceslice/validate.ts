/** Source: pkg/apis/resource/validation ValidateResourceSlice and its update. */
import { showInternal } from "../../core/pod/internal.js";
import { validateNodeSelector } from "../../core/pod/scheduling.js";
import { type FieldError, invalid, required } from "../../field.js";
import type { ResourcePool, ResourceSliceSpec } from "../../schema/api/resource.v1.js";
import { validateImmutableField } from "../../validation/metadata.js";
import { validateSet } from "../lists.js";
import { validateDriverName, validateNodeName, validatePoolName } from "../names.js";
import { validateCounterSet, validateDevice } from "./device.js";

const MAX_COUNTER_SETS = 8;
const MAX_DEVICES = 128;
/** With taints or counters a device is larger. */
const MAX_LARGE_DEVICES = 64;

type Spec = Partial<ResourceSliceSpec>;

function validatePool(pool: Partial<ResourcePool> | undefined, path: string): FieldError[] {
  const { name, resourceSliceCount: count = 0, generation = 0 } = pool ?? {};
  const out = validatePoolName(name, `${path}.name`);
  if (count <= 0) out.push(invalid(`${path}.resourceSliceCount`, count, "must be greater than zero"));
  if (generation < 0) out.push(invalid(`${path}.generation`, generation, "must be greater than or equal to zero"));
  return out;
}

const ONE_OF = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
const UNSET_OR_TRUE = "must be either unset or set to true";
const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** Where the slice's devices can be used. */
function validateNodes(spec: Spec, path: string): FieldError[] {
  const out: FieldError[] = [];
  const set: string[] = [];
  if (spec.nodeName) {
    set.push("`nodeName`");
    out.push(...validateNodeName(spec.nodeName, `${path}.nodeName`));
  } else if (isSet(spec.nodeName)) out.push(invalid(`${path}.nodeName`, "", "must be either unset or set to a non-empty string"));
  if (spec.nodeSelector) {
    set.push("`nodeSelector`");
    out.push(...validateNodeSelector(spec.nodeSelector, false, `${path}.nodeSelector`));
    const terms = spec.nodeSelector.nodeSelectorTerms;
    if (terms?.length !== 1)
      out.push(invalid(`${path}.nodeSelector.nodeSelectorTerms`, showInternal("[]NodeSelectorTerm", terms), "must have exactly one node selector term"));
  }
  for (const field of ["allNodes", "perDeviceNodeSelection"] as const) {
    if (spec[field]) set.push(`\`${field}\``);
    else if (isSet(spec[field])) out.push(invalid(`${path}.${field}`, false, UNSET_OR_TRUE));
  }
  if (set.length === 0) out.push(required(path, ONE_OF));
  else if (set.length > 1) out.push(invalid(path, `{${set.join(", ")}}`, `${ONE_OF}, but multiple fields are set`));
  return out;
}

export function validateSliceSpec(spec: Spec, old: Spec | undefined, path: string): FieldError[] {
  const out = [...validateDriverName(spec.driver, `${path}.driver`), ...validatePool(spec.pool, `${path}.pool`)];
  if (old)
    out.push(
      ...validateImmutableField(spec.pool?.name ?? "", old.pool?.name ?? "", `${path}.pool.name`),
      ...validateImmutableField(spec.driver ?? "", old.driver ?? "", `${path}.driver`),
      ...validateImmutableField(spec.nodeName, old.nodeName, `${path}.nodeName`),
    );
  out.push(...validateNodes(spec, path));
  if (isSet(spec.sharedCounters) && isSet(spec.devices)) out.push(invalid(path, "", "only one of `sharedCounters` or `devices` is allowed"));
  const devices = spec.devices ?? [];
  const large = devices.some((device) => (device.taints?.length ?? 0) > 0 || (device.consumesCounters?.length ?? 0) > 0);
  const stored = new Map((old?.devices ?? []).map((device) => [device.name ?? "", device]).reverse() as [string, (typeof devices)[number]][]);
  const perDevice = spec.perDeviceNodeSelection === true;
  return [
    ...out,
    ...validateSet(
      devices,
      large ? MAX_LARGE_DEVICES : MAX_DEVICES,
      (device, at) => validateDevice(device, stored.get(device.name ?? ""), at, perDevice),
      (device) => device.name ?? "",
      `${path}.devices`,
    ),
    ...validateSet(spec.sharedCounters, MAX_COUNTER_SETS, validateCounterSet, (set) => set.name ?? "", `${path}.sharedCounters`),
  ];
}
