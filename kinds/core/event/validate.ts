/** Source: pkg/apis/core/validation/events.go: the lenient rules of core/v1. Those of events.k8s.io/v1 add to them. */
import { type FieldError, invalid, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import { validateQualifiedName } from "../../validation/core.js";
import { byteLength, isDNS1123Subdomain } from "../../validation/names.js";

const LIMIT = 128;
const NOTE_LIMIT = 1024;

/** `component` names the reporter's field: it is called differently in the two groups. */
export function validateLegacyEvent(event: KubeObject, component: "reportingComponent" | "reportingController"): FieldError[] {
  const out: FieldError[] = [];
  const namespace = event.metadata.namespace ?? "";
  const involved: string = event.involvedObject?.namespace ?? "";
  const mismatch = (): FieldError => invalid("involvedObject.namespace", involved, "does not match event.namespace");
  const bounded = (field: string, value: string, limit: number): void => {
    if (byteLength(value) > limit) out.push(invalid(field, "", `can have at most ${limit} characters`));
  };
  const wanted = (field: string, value: string): void => {
    if (value === "") out.push(required(field));
    bounded(field, value, LIMIT);
  };
  if (!event.eventTime) {
    // Events of old: only the namespaces have to agree; no namespace goes with "default".
    if (involved === "" ? namespace !== "" && namespace !== "default" : namespace !== involved) out.push(mismatch());
  } else {
    if (involved === "" && namespace !== "default" && namespace !== "kube-system") out.push(mismatch());
    const reporter: string = event.reportingComponent ?? "";
    if (reporter === "") out.push(required(component));
    out.push(...validateQualifiedName(reporter, component));
    wanted("reportingInstance", event.reportingInstance ?? "");
    wanted("action", event.action ?? "");
    wanted("reason", event.reason ?? "");
    bounded("message", event.message ?? "", NOTE_LIMIT);
  }
  return [...out, ...isDNS1123Subdomain(namespace).map((text) => invalid("namespace", namespace, text))];
}
