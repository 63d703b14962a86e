/** Pod. Sources: pkg/registry/core/pod, api/discovery/api__v1.json. */
import type { Kind } from "../../kind.js";
import { defaultPod } from "./defaults.js";
import { podPrinter } from "./printer.js";
import { podStatusView } from "./status.js";
import { podDeletion, podSpecChanged, preparePodForCreate, preparePodForUpdate } from "./strategy.js";
import { validatePod, validatePodUpdate } from "./validate.js";
import { ephemeralContainersView, resizeView } from "./views.js";
import { podWarnings } from "./warnings.js";

export const pod: Kind = {
  group: "",
  version: "v1",
  kind: "Pod",
  resource: "pods",
  singular: "pod",
  shortNames: ["po"],
  categories: ["all"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.Pod",
  defaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  generation: podSpecChanged,
  gracefulDeletion: podDeletion,
  returnDeletedObject: true,
  selectable: {
    "spec.nodeName": (o) => o.spec?.nodeName ?? "",
    "spec.restartPolicy": (o) => o.spec?.restartPolicy ?? "",
    "spec.schedulerName": (o) => o.spec?.schedulerName ?? "",
    "spec.serviceAccountName": (o) => o.spec?.serviceAccountName ?? "",
    "spec.hostNetwork": (o) => String(o.spec?.hostNetwork === true),
    "status.phase": (o) => o.status?.phase ?? "",
    "status.podIP": (o) => o.status?.podIPs?.[0]?.ip ?? "",
    // a label that is taken, and a field that is not there (pod.ToSelectableFields)
    "status.podIPs": () => "",
    // what clients of old say for spec.nodeName
    "spec.host": (o) => o.spec?.nodeName ?? "",
    "status.nominatedNodeName": (o) => o.status?.nominatedNodeName ?? "",
  },
  status: podStatusView,
  views: [ephemeralContainersView, resizeView],
  connect: [
    { name: "attach", kind: "PodAttachOptions", verbs: ["create", "get"] },
    { name: "binding", kind: "Binding", verbs: ["create"] },
    { name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"], accepts: ["policy/v1beta1"] },
    { name: "exec", kind: "PodExecOptions", verbs: ["create", "get"] },
    { name: "log", kind: "Pod", verbs: ["get"] },
    { name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"] },
    { name: "proxy", kind: "PodProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
  ],
  printer: podPrinter,
};
