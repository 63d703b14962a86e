/**
 * Every resource and subresource that kube-apiserver 1.36 serves with default flags: its name, its scope, its kind, and its verbs where they are not all
 * eight (a subresource's: get, patch, update). Groups in discovery's order. Source: api/discovery of Kubernetes 1.36, without the versions that
 * pkg/controlplane/instance.go leaves off.
 */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  v1: [
    "bindings ns Binding create",
    "componentstatuses cluster ComponentStatus get,list",
    "configmaps ns ConfigMap",
    "endpoints ns Endpoints",
    "events ns Event",
    "limitranges ns LimitRange",
    "namespaces cluster Namespace create,delete,get,list,patch,update,watch",
    "namespaces/finalize cluster Namespace update",
    "namespaces/status cluster Namespace",
    "nodes cluster Node",
    "nodes/proxy cluster NodeProxyOptions create,delete,get,patch,update",
    "nodes/status cluster Node",
    "persistentvolumeclaims ns PersistentVolumeClaim",
    "persistentvolumeclaims/status ns PersistentVolumeClaim",
    "persistentvolumes cluster PersistentVolume",
    "persistentvolumes/status cluster PersistentVolume",
    "pods ns Pod",
    "pods/attach ns PodAttachOptions create,get",
    "pods/binding ns Binding create",
    "pods/ephemeralcontainers ns Pod",
    "pods/eviction ns Eviction create",
    "pods/exec ns PodExecOptions create,get",
    "pods/log ns Pod get",
    "pods/portforward ns PodPortForwardOptions create,get",
    "pods/proxy ns PodProxyOptions create,delete,get,patch,update",
    "pods/resize ns Pod",
    "pods/status ns Pod",
    "podtemplates ns PodTemplate",
    "replicationcontrollers ns ReplicationController",
    "replicationcontrollers/scale ns Scale",
    "replicationcontrollers/status ns ReplicationController",
    "resourcequotas ns ResourceQuota",
    "resourcequotas/status ns ResourceQuota",
    "secrets ns Secret",
    "serviceaccounts ns ServiceAccount",
    "serviceaccounts/token ns TokenRequest create",
    "services ns Service",
    "services/proxy ns ServiceProxyOptions create,delete,get,patch,update",
    "services/status ns Service",
  ],
  "apiregistration.k8s.io/v1": ["apiservices cluster APIService", "apiservices/status cluster APIService"],
  "apps/v1": [
    "controllerrevisions ns ControllerRevision",
    "daemonsets ns DaemonSet",
    "daemonsets/status ns DaemonSet",
    "deployments ns Deployment",
    "deployments/scale ns Scale",
    "deployments/status ns Deployment",
    "replicasets ns ReplicaSet",
    "replicasets/scale ns Scale",
    "replicasets/status ns ReplicaSet",
    "statefulsets ns StatefulSet",
    "statefulsets/scale ns Scale",
    "statefulsets/status ns StatefulSet",
  ],
  "events.k8s.io/v1": ["events ns Event"],
  "authentication.k8s.io/v1": ["selfsubjectreviews cluster SelfSubjectReview create", "tokenreviews cluster TokenReview create"],
  "authorization.k8s.io/v1": [
    "localsubjectaccessreviews ns LocalSubjectAccessReview create",
    "selfsubjectaccessreviews cluster SelfSubjectAccessReview create",
    "selfsubjectrulesreviews cluster SelfSubjectRulesReview create",
    "subjectaccessreviews cluster SubjectAccessReview create",
  ],
  "autoscaling/v2": ["horizontalpodautoscalers ns HorizontalPodAutoscaler", "horizontalpodautoscalers/status ns HorizontalPodAutoscaler"],
  "autoscaling/v1": ["horizontalpodautoscalers ns HorizontalPodAutoscaler", "horizontalpodautoscalers/status ns HorizontalPodAutoscaler"],
  "batch/v1": ["cronjobs ns CronJob", "cronjobs/status ns CronJob", "jobs ns Job", "jobs/status ns Job"],
  "certificates.k8s.io/v1": [
    "certificatesigningrequests cluster CertificateSigningRequest",
    "certificatesigningrequests/approval cluster CertificateSigningRequest",
    "certificatesigningrequests/status cluster CertificateSigningRequest",
  ],
  "networking.k8s.io/v1": [
    "ingressclasses cluster IngressClass",
    "ingresses ns Ingress",
    "ingresses/status ns Ingress",
    "ipaddresses cluster IPAddress",
    "networkpolicies ns NetworkPolicy",
    "servicecidrs cluster ServiceCIDR",
    "servicecidrs/status cluster ServiceCIDR",
  ],
  "policy/v1": ["poddisruptionbudgets ns PodDisruptionBudget", "poddisruptionbudgets/status ns PodDisruptionBudget"],
  "rbac.authorization.k8s.io/v1": [
    "clusterrolebindings cluster ClusterRoleBinding",
    "clusterroles cluster ClusterRole",
    "rolebindings ns RoleBinding",
    "roles ns Role",
  ],
  "storage.k8s.io/v1": [
    "csidrivers cluster CSIDriver",
    "csinodes cluster CSINode",
    "csistoragecapacities ns CSIStorageCapacity",
    "storageclasses cluster StorageClass",
    "volumeattachments cluster VolumeAttachment",
    "volumeattachments/status cluster VolumeAttachment",
    "volumeattributesclasses cluster VolumeAttributesClass",
  ],
  "admissionregistration.k8s.io/v1": [
    "mutatingadmissionpolicies cluster MutatingAdmissionPolicy",
    "mutatingadmissionpolicybindings cluster MutatingAdmissionPolicyBinding",
    "mutatingwebhookconfigurations cluster MutatingWebhookConfiguration",
    "validatingadmissionpolicies cluster ValidatingAdmissionPolicy",
    "validatingadmissionpolicies/status cluster ValidatingAdmissionPolicy",
    "validatingadmissionpolicybindings cluster ValidatingAdmissionPolicyBinding",
    "validatingwebhookconfigurations cluster ValidatingWebhookConfiguration",
  ],
  "apiextensions.k8s.io/v1": [
    "customresourcedefinitions cluster CustomResourceDefinition",
    "customresourcedefinitions/status cluster CustomResourceDefinition",
  ],
  "scheduling.k8s.io/v1": ["priorityclasses cluster PriorityClass"],
  "coordination.k8s.io/v1": ["leases ns Lease"],
  "node.k8s.io/v1": ["runtimeclasses cluster RuntimeClass"],
  "discovery.k8s.io/v1": ["endpointslices ns EndpointSlice"],
  "resource.k8s.io/v1": [
    "deviceclasses cluster DeviceClass",
    "resourceclaims ns ResourceClaim",
    "resourceclaims/status ns ResourceClaim",
    "resourceclaimtemplates ns ResourceClaimTemplate",
    "resourceslices cluster ResourceSlice",
  ],
  "flowcontrol.apiserver.k8s.io/v1": [
    "flowschemas cluster FlowSchema",
    "flowschemas/status cluster FlowSchema",
    "prioritylevelconfigurations cluster PriorityLevelConfiguration",
    "prioritylevelconfigurations/status cluster PriorityLevelConfiguration",
  ],
};

/** One line of the list. */
export interface UpstreamResource {
  readonly group: string;
  readonly version: string;
  /** `pods`, `pods/log`. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
}

const ALL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const VIEW = ["get", "patch", "update"];

function parse(groupVersion: string, line: string): UpstreamResource {
  const [name = "", scope, kind = "", verbs] = line.split(" ");
  const slash = groupVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    name,
    namespaced: scope === "ns",
    kind,
    verbs: verbs?.split(",") ?? (name.includes("/") ? VIEW : ALL),
  };
}

/** The whole list. */
export const upstreamResources = (): UpstreamResource[] => Object.entries(RESOURCES).flatMap(([gv, lines]) => lines.map((line) => parse(gv, line)));

/** Whether kube-apiserver 1.36 serves this by default; `name` is `pods` or `pods/log`. */
export const isUpstreamResource = (group: string, version: string, name: string): boolean =>
  RESOURCES[group ? `${group}/${version}` : version]?.some((line) => line.startsWith(`${name} `)) ?? false;
