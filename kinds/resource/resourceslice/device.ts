/** One device of a slice. Source: pkg/apis/resource/validation validateDevice. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { validateNodeSelector } from "../../core/pod/scheduling.js";
import { type FieldError, invalid, required, tooLong } from "../../field.js";
import type { Counter, CounterSet, Device, DeviceAttribute, DeviceCounterConsumption } from "../../schema/api/resource.v1.js";
import { byteLength } from "../../validation/names.js";
import { validateMap, validateSet, validateSlice } from "../lists.js";
import { validateLabelLike, validateNodeName, validateQualifiedName } from "../names.js";
import { validateBindingConditions, validateTaint } from "../selectors.js";
import { validateCapacity } from "./capacity.js";

const MAX_ENTRIES = 32;
const MAX_ATTRIBUTE_VALUES = 48;
const MAX_VALUE = 64;
const MAX_TAINTS = 16;
const MAX_COUNTERS = 32;
const MAX_CONSUMPTIONS = 2;
/** Domain, slash and identifier. */
const LONGEST_NAME = 63 + 1 + 32;
const LONGEST_LABEL = 63;

const NUMBER = "(0|[1-9]\\d*)";
const PRE_RELEASE = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const BUILD = "[0-9a-zA-Z-]+";
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+${BUILD}(\\.${BUILD})*)?$`);

const isSet = (value: unknown): boolean => value !== undefined && value !== null;
const tooLongValue = (value: string, path: string): FieldError[] => (byteLength(value) > MAX_VALUE ? [tooLong(path, MAX_VALUE)] : []);

/** Lists of values are dropped before (DRAListTypeAttributes is off). */
function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const { bool, int, string, version } = attribute;
  const out: FieldError[] = [];
  if (typeof string === "string") out.push(...tooLongValue(string, `${path}.string`));
  if (typeof version === "string") {
    if (!SEMVER.test(version)) out.push(invalid(`${path}.version`, version, "must be a string compatible with semver.org spec 2.0.0"));
    out.push(...tooLongValue(version, `${path}.version`));
  }
  const values = [bool, int, string, version].filter(isSet).length;
  if (values !== 1) out.push(invalid(path, values === 0 ? "" : showInternal("DeviceAttribute", attribute), "exactly one value must be specified"));
  return out;
}

/** Any quantity that parses will do. */
const anyCounter = (_: Counter): FieldError[] => [];

function validateCounters(name: string | undefined, nameAt: string, counters: Record<string, Counter> | undefined, path: string): FieldError[] {
  const out = name ? validateLabelLike(name, nameAt) : [required(nameAt)];
  if (Object.keys(counters ?? {}).length === 0) return [...out, required(path)];
  return [...out, ...validateMap(counters, MAX_COUNTERS, LONGEST_LABEL, validateLabelLike, anyCounter, path)];
}

export const validateCounterSet = (set: CounterSet, path: string): FieldError[] => validateCounters(set.name, `${path}.name`, set.counters, `${path}.counters`);

const validateConsumption = (consumption: DeviceCounterConsumption, path: string): FieldError[] =>
  validateCounters(consumption.counterSet, `${path}.counterSet`, consumption.counters, `${path}.counters`);

/** Where a device can be used, when every device says so itself. */
function validateOwnNodes({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  const out: FieldError[] = [];
  const set: string[] = [];
  if (nodeName) {
    set.push("`nodeName`");
    out.push(...validateNodeName(nodeName, `${path}.nodeName`));
  } else if (isSet(nodeName)) out.push(invalid(`${path}.nodeName`, "", "must not be empty"));
  if (nodeSelector) {
    set.push("`nodeSelector`");
    out.push(...validateNodeSelector(nodeSelector, false, `${path}.nodeSelector`));
  }
  if (allNodes) set.push("`allNodes`");
  else if (isSet(allNodes)) out.push(invalid(`${path}.allNodes`, false, "must be either unset or set to true"));
  const text = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  if (set.length === 0) out.push(required(path, text));
  else if (set.length > 1) out.push(invalid(path, `{${set.join(", ")}}`, text));
  return out;
}

const NOT_PER_DEVICE = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

/** `old` is the stored device of the same name. */
export function validateDevice(device: Device, old: Device | undefined, path: string, perDeviceNodes: boolean): FieldError[] {
  const out = validateLabelLike(device.name, `${path}.name`);
  const attributes = Object.keys(device.attributes ?? {}).length;
  const entries = attributes + Object.keys(device.capacity ?? {}).length;
  if (entries > MAX_ENTRIES) out.push(invalid(path, entries, `the total number of attributes and capacities must not exceed ${MAX_ENTRIES}`));
  if (attributes > MAX_ATTRIBUTE_VALUES) out.push(invalid(path, attributes, `the total number of attribute values must not exceed ${MAX_ATTRIBUTE_VALUES}`));
  const shared = device.allowMultipleAllocations === true;
  out.push(
    ...validateMap(device.attributes, -1, LONGEST_NAME, validateQualifiedName, validateAttribute, `${path}.attributes`),
    ...validateMap(device.capacity, -1, LONGEST_NAME, validateQualifiedName, (c, at) => validateCapacity(c, at, shared), `${path}.capacity`),
  );
  if (!old || !internalEqual("[]DeviceTaint", device.taints, old.taints))
    out.push(...validateSlice(device.taints, MAX_TAINTS, validateTaint, `${path}.taints`));
  out.push(...validateSet(device.consumesCounters, MAX_CONSUMPTIONS, validateConsumption, (c) => c.counterSet ?? "", `${path}.consumesCounters`));
  if (perDeviceNodes) out.push(...validateOwnNodes(device, path));
  else if ([device.nodeName, device.nodeSelector, device.allNodes].some(isSet)) out.push(invalid(path, null, NOT_PER_DEVICE));
  return [...out, ...validateBindingConditions(device, path)];
}
