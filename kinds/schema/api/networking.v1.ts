// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as coreV1 from "./core.v1.js";
import type * as metaV1 from "./meta.v1.js";

export interface HTTPIngressPath {
  path?: string;
  pathType?: string;
  backend: IngressBackend;
}

export interface HTTPIngressRuleValue {
  paths: HTTPIngressPath[] | null;
}

/** networking.k8s.io/v1 IPAddress */
export interface IPAddress {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: IPAddressSpec;
}

/** networking.k8s.io/v1 IPAddressList */
export interface IPAddressList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: IPAddress[];
}

export interface IPAddressSpec {
  parentRef?: ParentReference;
}

export interface IPBlock {
  cidr: string;
  except?: string[];
}

/** networking.k8s.io/v1 Ingress */
export interface Ingress {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: IngressSpec;
  status?: IngressStatus;
}

export interface IngressBackend {
  service?: IngressServiceBackend;
  resource?: coreV1.TypedLocalObjectReference;
}

/** networking.k8s.io/v1 IngressClass */
export interface IngressClass {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: IngressClassSpec;
}

/** networking.k8s.io/v1 IngressClassList */
export interface IngressClassList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: IngressClass[];
}

export interface IngressClassParametersReference {
  apiGroup?: string;
  kind: string;
  name: string;
  scope?: string;
  namespace?: string;
}

export interface IngressClassSpec {
  controller?: string;
  parameters?: IngressClassParametersReference;
}

/** networking.k8s.io/v1 IngressList */
export interface IngressList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: Ingress[];
}

export interface IngressLoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ports?: IngressPortStatus[];
}

export interface IngressLoadBalancerStatus {
  ingress?: IngressLoadBalancerIngress[];
}

export interface IngressPortStatus {
  port: number;
  protocol: string;
  error?: string;
}

export interface IngressRule {
  host?: string;
  http?: HTTPIngressRuleValue;
}

export interface IngressServiceBackend {
  name: string;
  port?: ServiceBackendPort;
}

export interface IngressSpec {
  ingressClassName?: string;
  defaultBackend?: IngressBackend;
  tls?: IngressTLS[];
  rules?: IngressRule[];
}

export interface IngressStatus {
  loadBalancer?: IngressLoadBalancerStatus;
}

export interface IngressTLS {
  hosts?: string[];
  secretName?: string;
}

/** networking.k8s.io/v1 NetworkPolicy */
export interface NetworkPolicy {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: NetworkPolicySpec;
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[];
  to?: NetworkPolicyPeer[];
}

export interface NetworkPolicyIngressRule {
  ports?: NetworkPolicyPort[];
  from?: NetworkPolicyPeer[];
}

/** networking.k8s.io/v1 NetworkPolicyList */
export interface NetworkPolicyList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: NetworkPolicy[];
}

export interface NetworkPolicyPeer {
  podSelector?: metaV1.LabelSelector;
  namespaceSelector?: metaV1.LabelSelector;
  ipBlock?: IPBlock;
}

export interface NetworkPolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

export interface NetworkPolicySpec {
  podSelector?: metaV1.LabelSelector;
  ingress?: NetworkPolicyIngressRule[];
  egress?: NetworkPolicyEgressRule[];
  policyTypes?: string[];
}

export interface ParentReference {
  group?: string;
  resource?: string;
  namespace?: string;
  name?: string;
}

export interface ServiceBackendPort {
  name?: string;
  number?: number;
}

/** networking.k8s.io/v1 ServiceCIDR */
export interface ServiceCIDR {
  kind?: string;
  apiVersion?: string;
  metadata: metaV1.ObjectMeta;
  spec: ServiceCIDRSpec;
  status?: ServiceCIDRStatus;
}

/** networking.k8s.io/v1 ServiceCIDRList */
export interface ServiceCIDRList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: ServiceCIDR[];
}

export interface ServiceCIDRSpec {
  cidrs?: string[];
}

export interface ServiceCIDRStatus {
  conditions?: metaV1.Condition[];
}
