/** Source: kube-aggregator pkg/apis/apiregistration/validation. */
import { type FieldError, invalid, notSupported, quote, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type { APIServiceSpec } from "../../schema/api/apiregistration.v1.js";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../validation/metadata.js";
import { isDNS1035Label, isDNS1123Subdomain, isValidPortNum, nameIsPathSegment } from "../../validation/names.js";

const specOf = (object: KubeObject | undefined): Partial<APIServiceSpec> => object?.spec ?? {};

/** An APIService is named after its version and group; so a generated name is never right. */
export function apiServiceName(name: string, _prefix: boolean, object?: KubeObject): string[] {
  const texts = nameIsPathSegment(name, false);
  if (texts.length > 0) return texts;
  const { version = "", group = "" } = specOf(object);
  return name === `${version}.${group}` ? [] : [`must be \`spec.version+"."+spec.group\`: ${quote(`${version}.${group}`)}`];
}

export function validateAPIService(object: KubeObject): FieldError[] {
  const { group = "", version = "", groupPriorityMinimum = 0, versionPriority = 0, service, caBundle = "", insecureSkipTLSVerify = false } = specOf(object);
  const out: FieldError[] = [];
  if (group === "" && version !== "v1") out.push(required("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  if (group !== "") out.push(...isDNS1123Subdomain(group).map((text) => invalid("spec.group", group, text)));
  out.push(...isDNS1035Label(version).map((text) => invalid("spec.version", version, text)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000)
    out.push(invalid("spec.groupPriorityMinimum", groupPriorityMinimum, "must be positive and less than 20000"));
  if (versionPriority <= 0 || versionPriority > 1000) out.push(invalid("spec.versionPriority", versionPriority, "must be positive and less than 1000"));
  if (!service) {
    const bytes = Buffer.from(caBundle ?? "", "base64").length;
    if (bytes > 0) out.push(invalid("spec.caBundle", `${bytes} bytes`, "local APIServices may not have a caBundle"));
    if (insecureSkipTLSVerify) out.push(invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify"));
    return out;
  }
  if (!service.namespace) out.push(required("spec.service.namespace"));
  if (!service.name) out.push(required("spec.service.name"));
  const port = service.port ?? 0;
  const texts = isValidPortNum(port);
  if (texts.length > 0) out.push(invalid("spec.service.port", port, `port is not valid: ${texts.join(", ")}`));
  if (insecureSkipTLSVerify && caBundle) out.push(invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  return out;
}

export const validateAPIServiceUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateObjectMetaUpdate(object.metadata, old.metadata),
  ...validateObjectMeta(object.metadata, false, (name, prefix) => apiServiceName(name, prefix, object)),
  ...validateAPIService(object),
];

const STATUSES = ["True", "False", "Unknown"];

export const validateAPIServiceStatusUpdate = (object: KubeObject, old: KubeObject): FieldError[] => [
  ...validateObjectMetaUpdate(object.metadata, old.metadata),
  ...((object.status?.conditions ?? []) as { status?: string }[]).flatMap(({ status = "" }, i) =>
    STATUSES.includes(status) ? [] : [notSupported(`status.conditions[${i}].status`, status, STATUSES)],
  ),
];
