import { ApiError, forbidden, notFound } from "../../errors.js";
import { resourceName } from "../objects.js";
import { peek } from "./lookup.js";
import type { AdmissionPlugin } from "./types.js";

const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

/** Source: apiserver pkg/admission/plugin/namespace/lifecycle. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  admit(a, _ctx, services) {
    if (!a.kind.namespaced || a.operation === "DELETE") return;
    if (a.kind.group === "authorization.k8s.io" && a.kind.kind === "LocalSubjectAccessReview") return;
    const namespace = peek(services, "", "v1", "namespaces", "", a.namespace);
    if (!namespace) throw notFound({ group: "", resource: "namespaces" }, a.namespace);
    if (a.operation !== "CREATE" || namespace.status?.phase !== "Terminating") return;
    const message = `unable to create new content in namespace ${a.namespace} because it is being terminated`;
    const error = forbidden(resourceName(a.kind), a.name || a.object?.metadata.name || "", message);
    const cause = { reason: "NamespaceTerminating", message: `namespace ${a.namespace} is being terminated`, field: "metadata.namespace" };
    throw new ApiError({ ...error.status, details: { ...error.status.details, causes: [cause] } });
  },
  validate(a) {
    if (a.operation === "DELETE" && a.kind.group === "" && a.kind.resource === "namespaces" && IMMORTAL.has(a.name))
      throw forbidden(resourceName(a.kind), a.name, "this namespace may not be deleted");
  },
};
