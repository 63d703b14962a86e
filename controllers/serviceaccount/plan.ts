import type { KubeObject } from "../../kinds/object.js";

export const ROOT_CA_NAME = "kube-root-ca.crt";
const DESCRIPTION_KEY = "kubernetes.io/description";
const DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or " +
  "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/** The ConfigMap as it is published, without a namespace. */
export const rootCAConfigMap = (caCert: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: ROOT_CA_NAME, annotations: { [DESCRIPTION_KEY]: DESCRIPTION } },
  data: { "ca.crt": caCert },
});

/** The data must be exactly the certificate; any description will do, as upstream. */
export const rootCAIsCorrect = (map: KubeObject, caCert: string): boolean => {
  const data: Record<string, string> = map.data ?? {};
  return Object.keys(data).length === 1 && data["ca.crt"] === caCert && (map.metadata.annotations?.[DESCRIPTION_KEY] ?? "") !== "";
};
