/** A claim's status: what was allocated to whom, and what the drivers tell of the devices. Sources: pkg/registry/resource/resourceclaim, pkg/apis/resource/validation. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { validateNodeSelector } from "../../core/pod/scheduling.js";
import { type FieldError, forbidden, invalid, notSupported, quote, required, Shown, tooLong, tooMany } from "../../field.js";
import { goJson } from "../../gojson.js";
import type { KubeObject } from "../../object.js";
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from "../../schema/api/resource.v1.js";
import { ipText, parseCIDRSloppy } from "../../validation/ip.js";
import { FIELD_IS_IMMUTABLE, validateConditions, validateKubeObjectMetaUpdate } from "../../validation/metadata.js";
import { byteLength } from "../../validation/names.js";
import { MAX_CONFIGURATIONS, MAX_REQUESTS, type RequestNames, requestNamesOf, validateRequestReference, validateRequestReferences } from "../claimspec.js";
import { itself, validateSet, validateSlice } from "../lists.js";
import { validateDriverName, validateLabelLike, validatePoolName, validateUID } from "../names.js";
import { validateBindingConditions, validateConfiguration, validateRawObject } from "../selectors.js";

const MAX_CONSUMERS = 256;
const MAX_DEVICE_CONDITIONS = 8;
const MAX_DATA = 10 * 1024;
const SOURCES = ["FromClaim", "FromClass"];
const ALLOCATION = "AllocationResult";

/** A device as results and statuses name it; a share of it where several claims share it. */
interface DeviceName {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  readonly shareID?: string;
}

/** Go's structured.SharedDeviceID as JSON: a key, and what findings print. */
const deviceID = ({ driver = "", pool = "", device = "", shareID = "" }: DeviceName): string =>
  goJson({ Driver: driver, Pool: pool, Device: device, ShareID: shareID });

const allocatedDevices = (allocation: AllocationResult | undefined): Set<string> => new Set((allocation?.devices?.results ?? []).map(deviceID));

/** Statuses of devices that this update gives back go with them, so that clients need not know of them. */
export function dropDeallocatedDevices(object: KubeObject, old: KubeObject): void {
  const status = object.status as ResourceClaimStatus | undefined;
  if (!status?.devices) return;
  const gone = allocatedDevices(old.status?.allocation);
  for (const id of allocatedDevices(status.allocation)) gone.delete(id);
  status.devices = status.devices.filter((device) => !gone.has(deviceID(device)));
  if (status.devices.length === 0) delete status.devices;
}

const validateConsumer = (consumer: ResourceClaimConsumerReference, path: string): FieldError[] =>
  (["resource", "name", "uid"] as const).flatMap((field) => (consumer[field] ? [] : [required(`${path}.${field}`)]));

/** An address with its network's length, written canonically. Source: apimachinery util/validation IsValidInterfaceAddress. */
function validateInterfaceAddress(value: string, path: string): FieldError[] {
  const cidr = parseCIDRSloppy(value);
  if (!cidr) return [invalid(path, value, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)")];
  const length = cidr.ip.is4 && cidr.prefix > 32 ? cidr.prefix - 96 : cidr.prefix;
  const canonical = `${ipText(cidr.ip)}/${length}`;
  return value === canonical ? [] : [invalid(path, value, `must be in canonical form (${quote(canonical)})`)];
}

function validateNetworkData(data: NetworkDeviceData | undefined, path: string): FieldError[] {
  if (!data) return [];
  return [
    ...(byteLength(data.interfaceName ?? "") > 256 ? [tooLong(`${path}.interfaceName`, 256)] : []),
    ...(byteLength(data.hardwareAddress ?? "") > 128 ? [tooLong(`${path}.hardwareAddress`, 128)] : []),
    ...validateSet(data.ips, 16, validateInterfaceAddress, itself, `${path}.ips`),
  ];
}

function validateDevice(device: AllocatedDeviceStatus, path: string, allocated: ReadonlySet<string>): FieldError[] {
  const out = [
    ...validateDriverName(device.driver, `${path}.driver`),
    ...validatePoolName(device.pool, `${path}.pool`),
    ...validateLabelLike(device.device, `${path}.device`),
  ];
  if (typeof device.shareID === "string") out.push(...validateUID(device.shareID, `${path}.shareID`));
  if (!allocated.has(deviceID(device))) out.push(invalid(path, new Shown(deviceID(device)), "must be an allocated device in the claim"));
  const conditions = device.conditions ?? [];
  if (conditions.length > MAX_DEVICE_CONDITIONS) out.push(tooMany(`${path}.conditions`, conditions.length, MAX_DEVICE_CONDITIONS));
  out.push(...validateConditions(conditions, `${path}.conditions`));
  if (device.data !== undefined && device.data !== null) out.push(...validateRawObject(device.data, `${path}.data`, MAX_DATA));
  return [...out, ...validateNetworkData(device.networkData, `${path}.networkData`)];
}

function validateResult(result: DeviceRequestAllocationResult, path: string, names: RequestNames): FieldError[] {
  return [
    ...validateRequestReference(result.request ?? "", `${path}.request`, names),
    ...validateDriverName(result.driver, `${path}.driver`),
    ...validatePoolName(result.pool, `${path}.pool`),
    ...validateLabelLike(result.device, `${path}.device`),
    ...validateBindingConditions(result, path),
    ...(typeof result.shareID === "string" ? validateUID(result.shareID, `${path}.shareID`) : []),
  ];
}

function validateAllocatedConfiguration(config: DeviceAllocationConfiguration, path: string, names: RequestNames): FieldError[] {
  const source = config.source ?? "";
  const out: FieldError[] = [];
  if (!SOURCES.includes(source)) out.push(source ? notSupported(`${path}.source`, source, SOURCES) : required(`${path}.source`));
  return [...out, ...validateRequestReferences(config.requests, `${path}.requests`, names), ...validateConfiguration(config, path)];
}

function validateAllocation(allocation: AllocationResult, path: string, names: RequestNames): FieldError[] {
  const { results, config } = allocation.devices ?? {};
  return [
    ...validateSlice(results, MAX_REQUESTS, (result, at) => validateResult(result, at, names), `${path}.devices.results`),
    // The class's configurations and the claim's.
    ...validateSlice(config, 2 * MAX_CONFIGURATIONS, (item, at) => validateAllocatedConfiguration(item, at, names), `${path}.devices.config`),
    ...(allocation.nodeSelector ? validateNodeSelector(allocation.nodeSelector, false, `${path}.nodeSelector`) : []),
  ];
}

const consumerKey = (consumer: ResourceClaimConsumerReference): string =>
  JSON.stringify([consumer.apiGroup ?? "", consumer.resource ?? "", consumer.name ?? "", consumer.uid ?? ""]);

/** Who uses the claim, against what is allocated: nobody new once the claim is going. */
function validateReservations(object: KubeObject, old: KubeObject): FieldError[] {
  const consumers: ResourceClaimConsumerReference[] = object.status?.reservedFor ?? [];
  if (consumers.length === 0) return [];
  if (!object.status?.allocation) return [forbidden("status.reservedFor", "may not be specified when `allocated` is not set")];
  if (!object.metadata.deletionTimestamp) return [];
  const known = new Set((old.status?.reservedFor ?? []).map(consumerKey));
  if (consumers.every((consumer) => known.has(consumerKey(consumer)))) return [];
  return [forbidden("status.reservedFor", "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set")];
}

export function validateClaimStatusUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const status: ResourceClaimStatus = object.status ?? {};
  const before: ResourceClaimStatus = old.status ?? {};
  const allocated = allocatedDevices(status.allocation);
  const out = [
    ...validateKubeObjectMetaUpdate(object.metadata, old.metadata),
    ...validateSet(status.reservedFor, MAX_CONSUMERS, validateConsumer, (consumer) => consumer.uid ?? "", "status.reservedFor"),
    ...validateSet(
      status.devices,
      -1,
      (device, path) => validateDevice(device, path, allocated),
      deviceID,
      "status.devices",
      (device) => new Shown(deviceID(device)),
    ),
    ...validateReservations(object, old),
  ];
  if (!status.allocation) return out;
  // An allocation never changes; it is judged once, when it comes: the rules were looser before.
  if (!before.allocation) out.push(...validateAllocation(status.allocation, "status.allocation", requestNamesOf(object.spec?.devices)));
  else if (!internalEqual(ALLOCATION, status.allocation, before.allocation))
    out.push(invalid("status.allocation", showInternal(ALLOCATION, status.allocation), FIELD_IS_IMMUTABLE));
  return out;
}
