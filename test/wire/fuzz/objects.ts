/** An object of every kind that is fine, and what its subresources are sent: what a fuzzed request carries is one of these after an accident. */
import type { Kind } from "../../../kinds/kind.js";
import { KINDS } from "../../../kinds/registry.js";
import { EC } from "../../kinds/certificates/samples.js";

type Fields = Record<string, unknown>;

const NAMELESS = { name: undefined };

const labels = { a: "b" };
const selector = { matchLabels: labels };
const podSpec = {
  containers: [
    {
      name: "c",
      image: "nginx",
      ports: [{ containerPort: 80, name: "http" }],
      env: [
        { name: "E", value: "1" },
        { name: "F", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      ],
      resources: { requests: { cpu: "100m", memory: "1Gi" }, limits: { cpu: "1" } },
      readinessProbe: { httpGet: { path: "/", port: "http" }, periodSeconds: 3 },
      volumeMounts: [{ name: "v", mountPath: "/v" }],
      securityContext: { runAsUser: 5, capabilities: { add: ["NET_ADMIN"] } },
    },
  ],
  volumes: [
    { name: "v", emptyDir: { sizeLimit: "1Gi" } },
    { name: "w", projected: { sources: [{ secret: { name: "s" } }] } },
  ],
  nodeSelector: labels,
  tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 3 }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] },
    },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "DoNotSchedule", labelSelector: selector }],
};
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
const once = { metadata: { labels }, spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, selector };
const webhook = {
  name: "a.b.c",
  clientConfig: { url: "https://127.0.0.1:1/x" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
  rules: [{ operations: ["CREATE"], apiGroups: ["never.io"], apiVersions: ["v1"], resources: ["nothings"] }],
};
const matchConstraints = { resourceRules: [{ apiGroups: ["never.io"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }] };
const deviceRequests = { devices: { requests: [{ name: "r", exactly: { deviceClassName: "a", selectors: [{ cel: { expression: "true" } }] } }] } };
const access = { resourceAttributes: { verb: "get", resource: "pods", namespace: "default" } };
const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "u" }];
const event = { metadata: { name: "a", namespace: "default" }, reason: "R", type: "Normal" };
const csr = Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${EC}\n-----END CERTIFICATE REQUEST-----\n`).toString("base64");

/** By group, version and resource, without the name. */
const OBJECTS: Readonly<Record<string, Fields>> = {
  "v1/bindings": { target: { kind: "Node", name: "n" } },
  "v1/configmaps": { data: { k: "v" }, binaryData: { b: "AAEC" } },
  "v1/endpoints": { subsets: [{ addresses: [{ ip: "10.0.0.1", nodeName: "n" }], ports: [{ port: 1 }] }] },
  "v1/events": {
    ...event,
    involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    message: "m",
    count: 1,
    firstTimestamp: "2026-01-01T00:00:00Z",
    source: { component: "c" },
  },
  "v1/limitranges": { spec: { limits: [{ type: "Container", max: { cpu: "4" }, default: { cpu: "1" }, maxLimitRequestRatio: { cpu: "20" } }] } },
  "v1/namespaces": { spec: { finalizers: ["kubernetes"] } },
  "v1/nodes": {
    metadata: { labels: { z: "1" } },
    spec: { podCIDR: "10.0.0.0/24", taints: [{ key: "k", effect: "NoSchedule" }] },
    status: { capacity: { cpu: "1" }, conditions: [{ type: "Ready", status: "True" }], addresses: [{ type: "InternalIP", address: "1.2.3.4" }] },
  },
  "v1/persistentvolumeclaims": { spec: claim },
  "v1/persistentvolumes": {
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/x" },
      claimRef: { namespace: "default", name: "a" },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }] } },
    },
  },
  "v1/pods": { metadata: { labels: { app: "x" }, annotations: { n: "1" } }, spec: podSpec },
  "v1/podtemplates": { template },
  "v1/replicationcontrollers": { spec: { replicas: 1, selector: labels, template } },
  "v1/resourcequotas": {
    spec: { hard: { "requests.nvidia.com/gpu": "5" }, scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["p"] }] } },
  },
  "v1/secrets": { type: "Opaque", stringData: { k: "v" }, data: { a: "dg==" } },
  "v1/serviceaccounts": { secrets: [{ name: "s" }], imagePullSecrets: [{ name: "p" }] },
  "v1/services": { spec: { selector: labels, type: "NodePort", ports: [{ port: 80, targetPort: "http", nodePort: 30080, protocol: "TCP" }] } },
  "apiregistration.k8s.io/v1/apiservices": {
    metadata: { name: "v1.a.b" },
    spec: {
      group: "a.b",
      version: "v1",
      groupPriorityMinimum: 100,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { namespace: "default", name: "s" },
    },
  },
  "apps/v1/controllerrevisions": { revision: 1, data: { spec: { a: 1 } } },
  "apps/v1/daemonsets": { spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: "10%" } } } },
  "apps/v1/deployments": {
    spec: {
      replicas: 2,
      selector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
      strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } },
      template,
    },
  },
  "apps/v1/replicasets": { spec: { selector, template } },
  "apps/v1/statefulsets": {
    spec: {
      replicas: 2,
      serviceName: "s",
      selector,
      template,
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } },
      volumeClaimTemplates: [{ metadata: { name: "d" }, spec: claim }],
    },
  },
  "events.k8s.io/v1/events": {
    ...event,
    regarding: { kind: "Pod", name: "p", namespace: "default" },
    note: "n",
    action: "A",
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "c.d/e",
    reportingInstance: "i",
    series: { count: 2, lastObservedTime: "2026-01-01T00:00:00.000000Z" },
  },
  "autoscaling/v2/horizontalpodautoscalers": {
    spec: {
      scaleTargetRef: { kind: "Deployment", name: "a", apiVersion: "apps/v1" },
      maxReplicas: 3,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        { type: "Pods", pods: { metric: { name: "m", selector }, target: { type: "AverageValue", averageValue: "1" } } },
        { type: "Object", object: { metric: { name: "m" }, describedObject: { kind: "X", name: "x" }, target: { type: "Value", value: "2k" } } },
      ],
      behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 15 }], stabilizationWindowSeconds: 3 } },
    },
  },
  "autoscaling/v1/horizontalpodautoscalers": {
    metadata: { annotations: { "autoscaling.alpha.kubernetes.io/metrics": '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1"}}]' } },
    spec: { scaleTargetRef: { kind: "Deployment", name: "a", apiVersion: "apps/v1" }, maxReplicas: 3, targetCPUUtilizationPercentage: 40 },
  },
  "networking.k8s.io/v1/ingressclasses": { spec: { controller: "a.b/c", parameters: { kind: "K", name: "n", scope: "Namespace", namespace: "default" } } },
  "networking.k8s.io/v1/ingresses": {
    spec: {
      ingressClassName: "a",
      tls: [{ hosts: ["a.b"], secretName: "s" }],
      rules: [{ host: "*.a.b", http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 1 } } } }] } }],
    },
  },
  "networking.k8s.io/v1/ipaddresses": { metadata: { name: "10.96.7.7" }, spec: { parentRef: { resource: "services", name: "a", namespace: "default" } } },
  "networking.k8s.io/v1/networkpolicies": {
    spec: {
      podSelector: selector,
      ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 1, endPort: 2, protocol: "TCP" }] }],
    },
  },
  "networking.k8s.io/v1/servicecidrs": { spec: { cidrs: ["10.97.0.0/24"] } },
  "storage.k8s.io/v1/csidrivers": { spec: { tokenRequests: [{ audience: "a" }], volumeLifecycleModes: ["Ephemeral"] } },
  "storage.k8s.io/v1/csinodes": { spec: { drivers: [{ name: "a.b", nodeID: "n", topologyKeys: ["k"], allocatable: { count: 1 } }] } },
  "storage.k8s.io/v1/csistoragecapacities": { storageClassName: "a", capacity: "1Gi", nodeTopology: selector },
  "batch/v1/cronjobs": { spec: { schedule: "* * * * *", timeZone: "Etc/UTC", jobTemplate: { spec: { template: once } } } },
  "batch/v1/jobs": {
    spec: {
      template: once,
      completions: 2,
      completionMode: "Indexed",
      backoffLimitPerIndex: 1,
      maxFailedIndexes: 1,
      podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }] },
      successPolicy: { rules: [{ succeededIndexes: "0-1", succeededCount: 1 }] },
    },
  },
  "policy/v1/poddisruptionbudgets": { spec: { minAvailable: "50%", selector } },
  "authentication.k8s.io/v1/selfsubjectreviews": {},
  "authentication.k8s.io/v1/tokenreviews": { spec: { token: "admin", audiences: ["x"] } },
  "authorization.k8s.io/v1/localsubjectaccessreviews": { metadata: { name: undefined, namespace: "default" }, spec: { ...access, user: "u" } },
  "authorization.k8s.io/v1/selfsubjectaccessreviews": { metadata: NAMELESS, spec: access },
  "authorization.k8s.io/v1/selfsubjectrulesreviews": { spec: { namespace: "default" } },
  "authorization.k8s.io/v1/subjectaccessreviews": { metadata: NAMELESS, spec: { ...access, user: "u", groups: ["g"], extra: { k: ["v"] } } },
  "rbac.authorization.k8s.io/v1/clusterrolebindings": { subjects, roleRef },
  "rbac.authorization.k8s.io/v1/clusterroles": { rules, aggregationRule: { clusterRoleSelectors: [selector] } },
  "rbac.authorization.k8s.io/v1/rolebindings": { subjects, roleRef },
  "rbac.authorization.k8s.io/v1/roles": { rules },
  "storage.k8s.io/v1/storageclasses": {
    provisioner: "p.io/x",
    parameters: labels,
    allowedTopologies: [{ matchLabelExpressions: [{ key: "k", values: ["v"] }] }],
  },
  "storage.k8s.io/v1/volumeattachments": { spec: { attacher: "a.b", nodeName: "n", source: { persistentVolumeName: "a" } } },
  "storage.k8s.io/v1/volumeattributesclasses": { driverName: "a.b", parameters: labels },
  "certificates.k8s.io/v1/certificatesigningrequests": { spec: { request: csr, signerName: "a.b/c", usages: ["digital signature"], expirationSeconds: 600 } },
  "admissionregistration.k8s.io/v1/mutatingadmissionpolicies": {
    spec: {
      matchConstraints,
      reinvocationPolicy: "Never",
      variables: [{ name: "v", expression: "object.metadata.name" }],
      mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": variables.v}}}' } }],
    },
  },
  "admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings": { spec: { policyName: "a", matchResources: matchConstraints } },
  "admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": { webhooks: [webhook] },
  "admissionregistration.k8s.io/v1/validatingadmissionpolicies": {
    spec: {
      matchConstraints,
      validations: [{ expression: "object.spec.replicas < 5", messageExpression: "'x' + string(1)" }],
      auditAnnotations: [{ key: "k", valueExpression: "'v'" }],
    },
  },
  "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings": { spec: { policyName: "a", validationActions: ["Deny"] } },
  "admissionregistration.k8s.io/v1/validatingwebhookconfigurations": { webhooks: [webhook] },
  "scheduling.k8s.io/v1/priorityclasses": { value: 5, description: "d", preemptionPolicy: "Never" },
  "coordination.k8s.io/v1/leases": { spec: { holderIdentity: "h", leaseDurationSeconds: 3, renewTime: "2026-01-01T00:00:00.000000Z" } },
  "node.k8s.io/v1/runtimeclasses": { handler: "h", overhead: { podFixed: { cpu: "1" } }, scheduling: { nodeSelector: labels } },
  "discovery.k8s.io/v1/endpointslices": {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: true } }],
    ports: [{ name: "p", port: 1 }],
  },
  "apiextensions.k8s.io/v1/customresourcedefinitions": {
    metadata: { name: "things.a.b" },
    spec: {
      group: "a.b",
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: "X", type: "string", jsonPath: ".spec.x" }],
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { x: { type: "string", default: "d" }, l: { type: "array", items: { type: "integer" } } } } },
            },
          },
        },
      ],
    },
  },
  "resource.k8s.io/v1/deviceclasses": { spec: { selectors: [{ cel: { expression: 'device.driver == "x"' } }] } },
  "resource.k8s.io/v1/resourceclaims": { spec: deviceRequests },
  "resource.k8s.io/v1/resourceclaimtemplates": { spec: { spec: deviceRequests } },
  "resource.k8s.io/v1/resourceslices": {
    spec: {
      driver: "a.b",
      pool: { name: "p", generation: 1, resourceSliceCount: 1 },
      nodeName: "n",
      devices: [{ name: "d", attributes: { x: { int: 5 } }, capacity: { m: { value: "1Gi" } } }],
    },
  },
  "flowcontrol.apiserver.k8s.io/v1/flowschemas": {
    spec: {
      priorityLevelConfiguration: { name: "a" },
      matchingPrecedence: 5,
      distinguisherMethod: { type: "ByUser" },
      rules: [{ subjects: [{ kind: "User", user: { name: "u" } }], resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"] }] }],
    },
  },
  "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": {
    spec: {
      type: "Limited",
      limited: { nominalConcurrencyShares: 5, limitResponse: { type: "Queue", queuing: { queues: 4, handSize: 2, queueLengthLimit: 3 } } },
    },
  },
};

/** What a subresource is sent that is no view of its object. */
export const ACTIONS: Readonly<Record<string, Fields>> = {
  scale: { kind: "Scale", apiVersion: "autoscaling/v1", metadata: { name: "a" }, spec: { replicas: 3 } },
  eviction: { kind: "Eviction", apiVersion: "policy/v1", metadata: { name: "a" }, deleteOptions: { gracePeriodSeconds: 0 } },
  binding: { kind: "Binding", apiVersion: "v1", metadata: { name: "a" }, target: { kind: "Node", name: "n" } },
  token: {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    spec: { audiences: ["x"], expirationSeconds: 600, boundObjectRef: { kind: "Pod", name: "a" } },
  },
  ephemeralcontainers: { spec: { ephemeralContainers: [{ name: "e", image: "i", targetContainerName: "c" }] } },
  resize: { spec: { containers: [{ name: "c", resources: { requests: { cpu: "1" } } }] } },
  approval: { status: { conditions: [{ type: "Approved", status: "True" }] } },
};

export interface Seed {
  readonly kind: Kind;
  /** Path of its collection. */
  readonly path: string;
  readonly name: string;
  readonly object: Fields & { readonly metadata: Fields };
}

/** Every kind that can be written. Throws for one that has no object here. */
export const SEEDS: readonly Seed[] = KINDS.filter((kind) => kind.verbs === undefined || kind.verbs.includes("create")).map((kind) => {
  const group = kind.group ? `${kind.group}/` : "";
  const fields = OBJECTS[`${group}${kind.version}/${kind.resource}`];
  if (!fields) throw new Error(`no object of ${group}${kind.version}/${kind.resource} to fuzz with`);
  const metadata = { name: "a", ...(fields.metadata as Fields | undefined) };
  const path = `${kind.group ? "/apis" : "/api"}/${group}${kind.version}${kind.namespaced ? "/namespaces/default" : ""}/${kind.resource}`;
  return { kind, path, name: metadata.name ?? "a", object: { ...fields, metadata } };
});
