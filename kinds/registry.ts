/**
 * The kinds, one line each: adding a kind is a folder and a line here. Order within a group version is discovery's, which is alphabetical.
 * A kind is served only with what makes it act.
 */
import { mutatingAdmissionPolicy } from "./admissionregistration/mutatingadmissionpolicy/index.js";
import { mutatingAdmissionPolicyBinding } from "./admissionregistration/mutatingadmissionpolicybinding/index.js";
import { mutatingWebhookConfiguration } from "./admissionregistration/mutatingwebhookconfiguration/index.js";
import { validatingAdmissionPolicy } from "./admissionregistration/validatingadmissionpolicy/index.js";
import { validatingAdmissionPolicyBinding } from "./admissionregistration/validatingadmissionpolicybinding/index.js";
import { validatingWebhookConfiguration } from "./admissionregistration/validatingwebhookconfiguration/index.js";
import { customResourceDefinition } from "./apiextensions/customresourcedefinition/index.js";
import { apiService } from "./apiregistration/apiservice/index.js";
import { controllerRevision } from "./apps/controllerrevision/index.js";
import { daemonSet } from "./apps/daemonset/index.js";
import { deployment } from "./apps/deployment/index.js";
import { replicaSet } from "./apps/replicaset/index.js";
import { statefulSet } from "./apps/statefulset/index.js";
import { selfSubjectReview } from "./authentication/selfsubjectreview/index.js";
import { tokenReview } from "./authentication/tokenreview/index.js";
import { localSubjectAccessReview } from "./authorization/localsubjectaccessreview/index.js";
import { selfSubjectAccessReview } from "./authorization/selfsubjectaccessreview/index.js";
import { selfSubjectRulesReview } from "./authorization/selfsubjectrulesreview/index.js";
import { subjectAccessReview } from "./authorization/subjectaccessreview/index.js";
import { horizontalPodAutoscaler, horizontalPodAutoscalerV1 } from "./autoscaling/horizontalpodautoscaler/index.js";
import { cronJob } from "./batch/cronjob/index.js";
import { job } from "./batch/job/index.js";
import { certificateSigningRequest } from "./certificates/certificatesigningrequest/index.js";
import { lease } from "./coordination/lease/index.js";
import { binding } from "./core/binding/index.js";
import { componentStatus } from "./core/componentstatus/index.js";
import { configMap } from "./core/configmap/index.js";
import { endpoints } from "./core/endpoints/index.js";
import { event } from "./core/event/index.js";
import { limitRange } from "./core/limitrange/index.js";
import { namespace } from "./core/namespace/index.js";
import { node } from "./core/node/index.js";
import { persistentVolume } from "./core/persistentvolume/index.js";
import { persistentVolumeClaim } from "./core/persistentvolumeclaim/index.js";
import { pod } from "./core/pod/index.js";
import { podTemplate } from "./core/podtemplate/index.js";
import { replicationController } from "./core/replicationcontroller/index.js";
import { resourceQuota } from "./core/resourcequota/index.js";
import { secret } from "./core/secret/index.js";
import { service } from "./core/service/index.js";
import { serviceAccount } from "./core/serviceaccount/index.js";
import { endpointSlice } from "./discovery/endpointslice/index.js";
import { eventsEvent } from "./events/event/index.js";
import { flowSchema } from "./flowcontrol/flowschema/index.js";
import { priorityLevelConfiguration } from "./flowcontrol/prioritylevelconfiguration/index.js";
import type { Kind } from "./kind.js";
import { ingress } from "./networking/ingress/index.js";
import { ingressClass } from "./networking/ingressclass/index.js";
import { ipAddress } from "./networking/ipaddress/index.js";
import { networkPolicy } from "./networking/networkpolicy/index.js";
import { serviceCIDR } from "./networking/servicecidr/index.js";
import { runtimeClass } from "./node/runtimeclass/index.js";
import { podDisruptionBudget } from "./policy/poddisruptionbudget/index.js";
import { deviceClass } from "./resource/deviceclass/index.js";
import { resourceClaim } from "./resource/resourceclaim/index.js";
import { resourceClaimTemplate } from "./resource/resourceclaimtemplate/index.js";
import { resourceSlice } from "./resource/resourceslice/index.js";
import { priorityClass } from "./scheduling/priorityclass/index.js";
import { csiDriver } from "./storage/csidriver/index.js";
import { csiNode } from "./storage/csinode/index.js";
import { csiStorageCapacity } from "./storage/csistoragecapacity/index.js";
import { clusterRole } from "./rbac/clusterrole/index.js";
import { clusterRoleBinding } from "./rbac/clusterrolebinding/index.js";
import { role } from "./rbac/role/index.js";
import { roleBinding } from "./rbac/rolebinding/index.js";
import { storageClass } from "./storage/storageclass/index.js";
import { volumeAttachment } from "./storage/volumeattachment/index.js";
import { volumeAttributesClass } from "./storage/volumeattributesclass/index.js";

export const KINDS: readonly Kind[] = [
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  eventsEvent,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCIDR,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  cronJob,
  job,
  podDisruptionBudget,
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
  certificateSigningRequest,
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  priorityClass,
  lease,
  runtimeClass,
  endpointSlice,
  customResourceDefinition,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  flowSchema,
  priorityLevelConfiguration,
];

/** API groups in the order `/apis` lists them. Source: api/discovery/apis.json. Groups that are not here follow, by name. */
const GROUP_ORDER = [
  "",
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
];

/** A group and its versions, the preferred one first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** v2 before v1, v1 before v1beta1, v1beta1 before v1alpha1. Source: apimachinery pkg/version CompareKubeAwareVersionStrings. */
export function compareVersions(a: string, b: string): number {
  const rank = (v: string): readonly [number, number, number] | undefined => {
    const m = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(v);
    return m ? [m[2] === undefined ? 2 : m[2] === "beta" ? 1 : 0, Number(m[1]), Number(m[3] ?? 0)] : undefined;
  };
  const x = rank(a);
  const y = rank(b);
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

/** Look-ups over a fixed list of kinds. Holds nothing of any cluster. */
export class Registry {
  private readonly resources = new Map<string, Kind>();
  private readonly types = new Map<string, Kind>();
  /** Groups in discovery's order, the legacy group (name "") first. */
  readonly groups: readonly ApiGroup[];

  constructor(readonly kinds: readonly Kind[] = KINDS) {
    const versions = new Map<string, Set<string>>();
    for (const kind of kinds) {
      this.resources.set(`${kind.group}/${kind.version}/${kind.resource}`, kind);
      this.types.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
      versions.set(kind.group, (versions.get(kind.group) ?? new Set()).add(kind.version));
    }
    const place = (group: string): number => (GROUP_ORDER.includes(group) ? GROUP_ORDER.indexOf(group) : GROUP_ORDER.length);
    this.groups = [...versions]
      .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
      .map(([name, set]) => ({ name, versions: [...set].sort(compareVersions) }));
  }

  /** By plural resource name. */
  byResource(group: string, version: string, resource: string): Kind | undefined {
    return this.resources.get(`${group}/${version}/${resource}`);
  }

  byGVK(group: string, version: string, kind: string): Kind | undefined {
    return this.types.get(`${group}/${version}/${kind}`);
  }

  /** By `apiVersion` and `kind` as objects carry them. */
  byApiVersion(apiVersion: string, kind: string): Kind | undefined {
    const slash = apiVersion.indexOf("/");
    return slash < 0 ? this.byGVK("", apiVersion, kind) : this.byGVK(apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
  }

  /** Kinds of one group version, in discovery's order: by resource name. */
  inGroupVersion(group: string, version: string): Kind[] {
    return this.kinds.filter((k) => k.group === group && k.version === version).sort((a, b) => (a.resource < b.resource ? -1 : 1));
  }
}
