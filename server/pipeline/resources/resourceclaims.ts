/**
 * What claims are checked for beyond themselves: access for administrators wants a label on the namespace, and a status says who may write which part of
 * it. Sources: pkg/registry/resource/utils.go, pkg/registry/resource/resourceclaim/strategy.go.
 */
import { internalEqual } from "../../../kinds/core/pod/internal.js";
import { type FieldError, forbidden, internal } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequest,
  DeviceRequestAllocationResult,
  ResourceClaimStatus,
} from "../../../kinds/schema/api/resource.v1.js";
import { semanticEqual } from "../../../kinds/validation/equality.js";
import { nameIsDNSSubdomain } from "../../../kinds/validation/names.js";
import type { ResourceAttributes } from "../../auth/authorizer.js";
import { forbiddenBy } from "../../auth/forbidden.js";
import { serviceAccountOf } from "../../auth/impersonation.js";
import { peek } from "../admission/lookup.js";
import type { RequestContext, Services, Target, UserInfo } from "../types.js";
import type { ResourceHook } from "./types.js";

const ADMIN_LABEL = "resource.kubernetes.io/admin-access";
const NODE_NAME = "authentication.kubernetes.io/node-name";

/** Devices that others use may be given to administrators' namespaces only. `path` is where that was asked for. */
function adminFindings(path: string | undefined, { namespace }: Target, services: Services): FieldError[] {
  if (path === undefined) return [];
  const found = peek(services, "", "v1", "namespaces", "", namespace);
  if (!found) return [internal(path, `could not retrieve namespace to verify admin access: namespaces "${namespace}" not found`)];
  if (found.metadata.labels?.[ADMIN_LABEL] === "true") return [];
  return [forbidden(path, `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`)];
}

/** Upstream's path misses `exactly`, and a template's `spec`. */
function adminRequest(requests: readonly DeviceRequest[] | null | undefined): string | undefined {
  const at = (requests ?? []).findIndex((request) => request.exactly?.adminAccess === true);
  return at < 0 ? undefined : `spec.devices.requests[${at}].adminAccess`;
}

function adminResult(status: ResourceClaimStatus | undefined): string | undefined {
  const at = (status?.allocation?.devices?.results ?? []).findIndex((result: DeviceRequestAllocationResult) => result.adminAccess === true);
  return at < 0 ? undefined : `status.allocation.devices.results[${at}].adminAccess`;
}

/** The text of the refusal, undefined when allowed. */
function refusal(attributes: ResourceAttributes, services: Services): string | undefined {
  const { allowed, reason } = services.authorizer.authorize(attributes);
  return allowed ? undefined : forbiddenBy(attributes, reason).status.message;
}

/** Allocating and reserving is the scheduler's: a right on `resourceclaims/binding` in all namespaces. */
function bindingFindings(status: ResourceClaimStatus, old: ResourceClaimStatus, base: ResourceAttributes, services: Services): FieldError[] {
  if (internalEqual("*AllocationResult", status.allocation, old.allocation) && semanticEqual(status.reservedFor, old.reservedFor)) return [];
  const said = refusal({ ...base, subresource: "binding", namespace: "", name: "" }, services);
  if (said === undefined) return [];
  const text = `changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${base.verb}" permission: ${said}`;
  return [forbidden("status.allocation", text)];
}

const deviceKey = ({ driver, pool, device, shareID = "" }: AllocatedDeviceStatus): string => JSON.stringify([driver, pool, device, shareID]);

/** Drivers whose devices' statuses came, went or changed. */
function modifiedDrivers(status: ResourceClaimStatus, old: ResourceClaimStatus): string[] {
  const before = new Map((old.devices ?? []).map((device) => [deviceKey(device), device]));
  const drivers = new Set<string>();
  for (const device of status.devices ?? []) {
    const key = deviceKey(device);
    if (!semanticEqual(before.get(key), device)) drivers.add(device.driver ?? "");
    before.delete(key);
  }
  for (const device of before.values()) drivers.add(device.driver ?? "");
  return [...drivers].sort();
}

/** The one node an allocation is bound to by name. */
function allocatedNode(allocation: AllocationResult | undefined): string {
  const terms = allocation?.nodeSelector?.nodeSelectorTerms ?? [];
  const [term] = terms;
  const [field] = term?.matchFields ?? [];
  if (terms.length !== 1 || term?.matchExpressions?.length || term?.matchFields?.length !== 1) return "";
  return field?.key === "metadata.name" && field.operator === "In" && field.values?.length === 1 ? (field.values[0] as string) : "";
}

/** Whether the account runs on that node, as its token says. */
function runsOn(user: UserInfo, node: string): boolean {
  const names = user.extra?.[NODE_NAME] ?? [];
  return node !== "" && serviceAccountOf(user.name) !== undefined && names.length === 1 && names[0] === node && nameIsDNSSubdomain(node, false).length === 0;
}

/** Drivers write of their own devices: from the device's node with one verb, from anywhere with another. */
function deviceFindings(status: ResourceClaimStatus, old: ResourceClaimStatus, base: ResourceAttributes, services: Services): FieldError[] {
  if (!status.allocation) return [];
  const anywhere = `arbitrary-node:${base.verb}`;
  const verbs = runsOn(base.user, allocatedNode(status.allocation)) ? [`associated-node:${base.verb}`, anywhere] : [anywhere];
  return modifiedDrivers(status, old).flatMap((name) => {
    const said = verbs.map((verb) => refusal({ ...base, verb, subresource: "driver", name }, services));
    if (said.includes(undefined)) return [];
    return [
      forbidden("status.devices", `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(" ")}]" permission: ${said[0]}`),
    ];
  });
}

function statusFindings(object: KubeObject, old: KubeObject, target: Target, ctx: RequestContext, services: Services): FieldError[] {
  const [status, before]: ResourceClaimStatus[] = [object.status ?? {}, old.status ?? {}];
  // What was granted stays granted: the allocation never changes.
  const out = adminResult(before) ? [] : adminFindings(adminResult(status), target, services);
  if (ctx.trusted) return out;
  const { kind, namespace, name, subresource } = target;
  const base = { user: ctx.user, verb: ctx.verb ?? "update", group: kind.group, resource: kind.resource, subresource, namespace, name };
  return [...out, ...bindingFindings(status, before, base, services), ...deviceFindings(status, before, base, services)];
}

export const resourceClaims: ResourceHook = {
  findings(object, old, target, ctx, services) {
    if (!old) return adminFindings(adminRequest(object.spec?.devices?.requests), target, services);
    return target.subresource === "status" ? statusFindings(object, old, target, ctx, services) : [];
  },
};

export const resourceClaimTemplates: ResourceHook = {
  findings: (object, old, target, _, services) => (old ? [] : adminFindings(adminRequest(object.spec?.spec?.devices?.requests), target, services)),
};
