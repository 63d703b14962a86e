/**
 * Defaults of pods and pod templates. Sources: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go; the two-way aliases (serviceAccount,
 * podIP) and the negative grace period come from conversion.go, where upstream's defaults meet the internal types.
 */
import type { KubeObject } from "../../object.js";
import type { Container, EnvVar, HTTPGetAction, Pod, PodSpec, PodTemplateSpec, Probe, Volume } from "../../schema/api/core.v1.js";
import { imageTag } from "./image.js";
import { aggregateContainers } from "./requirements.js";
import { isHugePageName, isOvercommitAllowed, roundUpToMilli } from "./resources.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Amounts = Record<string, string>;

/** Amounts below a thousandth are rounded up, the rest keeps its value. Source: SetDefaults_ResourceList. */
export function defaultResourceList(list: Amounts | undefined | null): void {
  for (const name of Object.keys(list ?? {})) (list as Amounts)[name] = roundUpToMilli(String((list as Amounts)[name]));
}

const defaultRequirements = (rr: { limits?: unknown; requests?: unknown } | undefined | null): void => {
  defaultResourceList(rr?.limits as Amounts);
  defaultResourceList(rr?.requests as Amounts);
};

const pullPolicy = (image: string | undefined): string => (imageTag(image ?? "") === "latest" ? "Always" : "IfNotPresent");

function defaultHTTPGet(http: HTTPGetAction | undefined): void {
  if (!http) return;
  http.path ||= "/";
  http.scheme ||= "HTTP";
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHTTPGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= "";
}

function defaultEnv(env: EnvVar): void {
  if (env.valueFrom?.fieldRef) env.valueFrom.fieldRef.apiVersion ||= "v1";
  if (env.valueFrom?.fileKeyRef) env.valueFrom.fileKeyRef.optional ??= false;
}

function defaultContainer(c: Mutable<Container>): void {
  c.imagePullPolicy ||= pullPolicy(c.image);
  c.terminationMessagePath ||= "/dev/termination-log";
  c.terminationMessagePolicy ||= "File";
  for (const port of c.ports ?? []) port.protocol ||= "TCP";
  for (const env of c.env ?? []) defaultEnv(env);
  // Resources are a plain struct upstream: absent and empty read the same.
  c.resources ??= {};
  defaultRequirements(c.resources);
  defaultProbe(c.livenessProbe);
  defaultProbe(c.readinessProbe);
  defaultProbe(c.startupProbe);
  defaultHTTPGet(c.lifecycle?.postStart?.httpGet);
  defaultHTTPGet(c.lifecycle?.preStop?.httpGet);
}

const SOURCE_KEYS = (volume: Volume): string[] =>
  Object.entries(volume).flatMap(([key, value]) => (key !== "name" && value !== undefined && value !== null ? [key] : []));

/** One volume; a volume without a source is an emptyDir. */
export function defaultVolume(v: Mutable<Volume>): void {
  if (SOURCE_KEYS(v).length === 0) v.emptyDir = {};
  if (v.image) v.image.pullPolicy ||= pullPolicy(v.image.reference);
  if (v.hostPath) v.hostPath.type ??= "";
  if (v.secret) v.secret.defaultMode ??= 0o644;
  if (v.iscsi) v.iscsi.iscsiInterface ||= "default";
  if (v.rbd) {
    v.rbd.pool ||= "rbd";
    v.rbd.user ||= "admin";
    v.rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (v.downwardAPI) v.downwardAPI.defaultMode ??= 0o644;
  for (const item of v.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
  if (v.configMap) v.configMap.defaultMode ??= 0o644;
  if (v.azureDisk) {
    v.azureDisk.cachingMode ??= "ReadWrite";
    v.azureDisk.fsType ??= "ext4";
    v.azureDisk.readOnly ??= false;
    v.azureDisk.kind ??= "Shared";
  }
  if (v.projected) v.projected.defaultMode ??= 0o644;
  for (const source of v.projected?.sources ?? []) {
    for (const item of source.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
  }
  if (v.scaleIO) {
    v.scaleIO.storageMode ||= "ThinProvisioned";
    v.scaleIO.fsType ||= "xfs";
  }
  const template = v.ephemeral?.volumeClaimTemplate;
  if (template) {
    template.spec ??= {} as typeof template.spec;
    const claim = template.spec;
    claim.volumeMode ??= "Filesystem";
    defaultRequirements(claim.resources);
  }
}

/** What pods and templates have in common. */
export function defaultPodSpec(spec: Mutable<PodSpec>): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else delete spec.serviceAccount;
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const c of spec.initContainers ?? []) defaultContainer(c);
  for (const c of spec.containers ?? []) defaultContainer(c);
  for (const c of spec.ephemeralContainers ?? []) defaultContainer(c as Container);
  defaultResourceList(spec.overhead as Amounts);
  defaultRequirements(spec.resources);
}

/** A pod template inside a workload; an absent spec becomes one, as a struct is there in Go. */
export function defaultPodTemplate(template: Mutable<PodTemplateSpec>): void {
  template.spec ??= { containers: [] } as unknown as PodSpec;
  defaultPodSpec(template.spec);
}

/** Requests follow limits, container by container. Only pods: templates keep what was written. */
function requestsFromLimits(c: Container): void {
  const limits = c.resources?.limits;
  if (!c.resources || !limits) return;
  c.resources.requests ??= {};
  for (const [name, value] of Object.entries(limits)) c.resources.requests[name] ??= value;
}

/** Pod-level amounts from the containers' and from each other. Source: defaultHugePagePodLimits, defaultPodRequests. */
function defaultPodLevelResources(spec: PodSpec): void {
  const rr = spec.resources;
  if (!rr) return;
  const empty = (list: object | undefined): boolean => Object.keys(list ?? {}).length === 0;
  if (empty(rr.limits) && empty(rr.requests)) return;
  const limits = (rr.limits ?? {}) as Amounts;
  for (const [name, sum] of Object.entries(aggregateContainers(spec, "limits")))
    if (isHugePageName(name) && rr.requests?.[name] === undefined) limits[name] ??= sum;
  if (!empty(limits)) rr.limits = limits;
  if (empty(rr.limits)) return;
  const supported = (name: string): boolean => name === "cpu" || name === "memory" || isHugePageName(name);
  const requests = (rr.requests ?? {}) as Amounts;
  for (const [name, sum] of Object.entries(aggregateContainers(spec, "requests"))) if (supported(name) && isOvercommitAllowed(name)) requests[name] ??= sum;
  for (const [name, limit] of Object.entries(limits)) if (supported(name)) requests[name] ??= limit;
  if (!empty(requests)) rr.requests = requests;
}

/** Annotations older servers stored init containers in; they are dropped wherever a pod or template is read. */
const INIT_CONTAINER_ANNOTATIONS = ["init-containers", "init-container-statuses"].flatMap((name) => [
  `pod.beta.kubernetes.io/${name}`,
  `pod.alpha.kubernetes.io/${name}`,
]);

function dropInitContainerAnnotations(annotations: Record<string, string> | undefined): void {
  for (const key of INIT_CONTAINER_ANNOTATIONS) if (annotations) delete annotations[key];
}

/** Defaults of a Pod, in upstream's order: the pod's own first, since requests follow what the client wrote. */
export function defaultPod(object: KubeObject): void {
  const pod = object as unknown as Pod;
  pod.spec ??= { containers: [] } as unknown as PodSpec;
  const spec = pod.spec;
  for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) requestsFromLimits(c);
  defaultPodLevelResources(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork)
    for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) for (const port of c.ports ?? []) port.hostPort ||= port.containerPort;
  defaultPodSpec(spec);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  dropInitContainerAnnotations(object.metadata?.annotations);
  const status = pod.status;
  if (!status) return;
  for (const list of [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses])
    for (const c of list ?? []) {
      defaultResourceList(c.allocatedResources as Amounts);
      defaultRequirements(c.resources);
    }
  // podIP and podIPs say the same; podIP wins when they differ.
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && status.podIPs?.[0]?.ip) status.podIP = status.podIPs[0].ip;
}
