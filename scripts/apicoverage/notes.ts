/**
 * What the registry cannot tell of itself, by `<group version> <resource>[/<subresource>]` or, for all of a group version, by the group version alone.
 * `inert`: clients can read and write it, all rules hold, and nothing comes of it. `absent`: discovery names it, and using it is refused with 501.
 * `why` finishes the sentence "… :".
 */
export interface Note {
  readonly state: "inert" | "absent";
  readonly text: string;
}

const STREAMS = "no container runs behind a pod, so there is nothing to talk to";

export const NOTES: Readonly<Record<string, Note>> = {
  "v1 nodes/proxy": { state: "absent", text: "no kubelet listens behind a node" },
  "v1 pods/attach": { state: "absent", text: STREAMS },
  "v1 pods/exec": { state: "absent", text: STREAMS },
  "v1 pods/log": { state: "absent", text: STREAMS },
  "v1 pods/portforward": { state: "absent", text: STREAMS },
  "v1 pods/proxy": { state: "absent", text: STREAMS },
  "v1 services/proxy": { state: "absent", text: STREAMS },
  "v1 serviceaccounts/token": { state: "absent", text: "tokens of service accounts come with a later issue" },
  "networking.k8s.io/v1 networkpolicies": { state: "inert", text: "there is no traffic between pods to let through or to stop" },
  "resource.k8s.io/v1 resourceclaims": { state: "inert", text: "the scheduler allocates no devices; what a driver or a client writes into the status is kept" },
  "resource.k8s.io/v1 deviceclasses": { state: "inert", text: "nothing is allocated by them" },
  "resource.k8s.io/v1 resourceslices": { state: "inert", text: "nothing is allocated from them" },
};

/** What is left out as a whole, and the reason beyond "not yet". */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "apiextensions.k8s.io/v1 customresourcedefinitions": "custom resources come with a later issue",
};
