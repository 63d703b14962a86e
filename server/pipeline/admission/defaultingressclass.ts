import { isDefaultIngressClass } from "../../../kinds/networking/ingressclass/index.js";
import { newestClass } from "./defaultstorageclass.js";
import { peekAll } from "./lookup.js";
import type { AdmissionPlugin } from "./types.js";

/** Source: plugin/pkg/admission/network/defaultingressclass. */
export const defaultIngressClass: AdmissionPlugin = {
  name: "DefaultIngressClass",
  admit({ operation, kind, subresource, object }, _ctx, services) {
    if (!object || operation !== "CREATE" || kind.group !== "networking.k8s.io" || kind.resource !== "ingresses" || subresource !== "") return;
    if ((object.spec?.ingressClassName ?? undefined) !== undefined) return;
    if (object.metadata.annotations?.["kubernetes.io/ingress.class"] !== undefined) return;
    const found = newestClass(peekAll(services, "networking.k8s.io", "v1", "ingressclasses").filter(isDefaultIngressClass));
    if (!found) return;
    object.spec ??= {};
    object.spec.ingressClassName = found.metadata.name;
  },
};
