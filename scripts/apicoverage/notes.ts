/**
 * What the registry cannot tell of itself, by `<group version> <resource>[/<subresource>]`. `inert`: clients can read and write it, all rules hold, and
 * nothing comes of it. `absent`: discovery names it, and using it is refused with 501. `empty`: the same, but it can be read: there is none.
 */
export interface Note {
  readonly state: "inert" | "absent" | "empty";
  readonly text: string;
}

const FLOWS = "requests are neither queued nor limited, and answers do not name a flow";
const STREAMS = "no container runs behind a pod, so there is nothing to talk to";
const WEBHOOKS = "no webhook is called yet";
const POLICIES = "expressions are compiled, and not yet evaluated";

export const NOTES: Readonly<Record<string, Note>> = {
  "v1 nodes/proxy": { state: "absent", text: "no kubelet listens behind a node" },
  "v1 pods/attach": { state: "absent", text: STREAMS },
  "v1 pods/exec": { state: "absent", text: STREAMS },
  "v1 pods/log": { state: "absent", text: STREAMS },
  "v1 pods/portforward": { state: "absent", text: STREAMS },
  "v1 pods/proxy": { state: "absent", text: STREAMS },
  "v1 services/proxy": { state: "absent", text: STREAMS },
  "v1 serviceaccounts/token": { state: "absent", text: "tokens of service accounts are not made yet" },
  "apiextensions.k8s.io/v1 customresourcedefinitions": { state: "empty", text: "custom resources are not there yet" },
  "admissionregistration.k8s.io/v1 mutatingwebhookconfigurations": { state: "inert", text: WEBHOOKS },
  "admissionregistration.k8s.io/v1 validatingwebhookconfigurations": { state: "inert", text: WEBHOOKS },
  "admissionregistration.k8s.io/v1 mutatingadmissionpolicies": { state: "inert", text: POLICIES },
  "admissionregistration.k8s.io/v1 mutatingadmissionpolicybindings": { state: "inert", text: POLICIES },
  "admissionregistration.k8s.io/v1 validatingadmissionpolicies": { state: "inert", text: POLICIES },
  "admissionregistration.k8s.io/v1 validatingadmissionpolicies/status": { state: "inert", text: "types are not checked, so there are no warnings of them" },
  "admissionregistration.k8s.io/v1 validatingadmissionpolicybindings": { state: "inert", text: POLICIES },
  "apiregistration.k8s.io/v1 apiservices": {
    state: "inert",
    text: "nothing answers behind a simulated service, so an API that is a service's is never available: 503",
  },
  "flowcontrol.apiserver.k8s.io/v1 flowschemas": { state: "inert", text: FLOWS },
  "flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations": { state: "inert", text: FLOWS },
  "networking.k8s.io/v1 networkpolicies": { state: "inert", text: "there is no traffic between pods to let through or to stop" },
  "resource.k8s.io/v1 resourceclaims": {
    state: "inert",
    text: "made from templates, reserved and freed, but the scheduler allocates none: pods wait until a client writes an allocation",
  },
  "resource.k8s.io/v1 deviceclasses": { state: "inert", text: "must be there for a pod that asks for them; nothing is allocated by them" },
  "resource.k8s.io/v1 resourceslices": { state: "inert", text: "nothing is allocated from them" },
};

/** What belongs to Kubernetes, is served by others than kube-apiserver, and is left out. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "volumesnapshots, volumesnapshotcontents, volumesnapshotclasses, snapshot.storage.k8s.io":
    "custom resources of the snapshot controller, which is not part of Kubernetes' own components; a claim that is to be made from one waits, and an Event says why",
};
