/** What a pod's volumes and its containers' environments need of ConfigMaps and Secrets, and what of it is not there. Pure. */
import type { KubeObject } from "../kinds/object.js";
import type { Container, KeyRef, ObjectRef } from "./runtime.js";

/** The object of a pod's namespace; undefined when there is none. */
export type Lookup = (kind: "ConfigMap" | "Secret", name: string) => KubeObject | undefined;

const WORD = { ConfigMap: "configmap", Secret: "secret" } as const;
/** Every namespace gets it, and every pod with a token mounts it: nobody is held up for the moment in which it is not there yet. */
const ROOT_CA = "kube-root-ca.crt";
const hasKey = (object: KubeObject, key: string): boolean => object.data?.[key] !== undefined || object.binaryData?.[key] !== undefined;

/** Why a container cannot be made; undefined when it can. Source: kubelet_pods.go makeEnvironmentVariables. */
export function environmentFault(pod: KubeObject, { env = [], envFrom = [] }: Container, lookup: Lookup): string | undefined {
  const whole = (kind: "ConfigMap" | "Secret", ref: ObjectRef | undefined): string | undefined =>
    ref && !ref.optional && !lookup(kind, ref.name ?? "") ? `${WORD[kind]} "${ref.name}" not found` : undefined;
  const keyed = (kind: "ConfigMap" | "Secret", ref: KeyRef | undefined): string | undefined => {
    if (!ref || ref.optional) return undefined;
    const object = lookup(kind, ref.name ?? "");
    if (!object) return `${WORD[kind]} "${ref.name}" not found`;
    return hasKey(object, ref.key ?? "") ? undefined : `couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace}/${ref.name}`;
  };
  for (const { configMapRef, secretRef } of envFrom) {
    const fault = whole("ConfigMap", configMapRef) ?? whole("Secret", secretRef);
    if (fault !== undefined) return fault;
  }
  for (const { valueFrom } of env) {
    const fault = keyed("ConfigMap", valueFrom?.configMapKeyRef) ?? keyed("Secret", valueFrom?.secretKeyRef);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

interface Source extends ObjectRef {
  readonly secretName?: string;
  readonly items?: readonly { readonly key: string }[];
}
interface Volume {
  readonly name: string;
  readonly configMap?: Source;
  readonly secret?: Source;
  readonly projected?: { readonly sources?: readonly { readonly configMap?: Source; readonly secret?: Source }[] };
}

/** Volumes that cannot be set up, in the pod's order. Sources: pkg/volume/{configmap,secret,projected} SetUpAt, MakePayload. */
export function volumeFaults(pod: KubeObject, lookup: Lookup): { readonly volume: string; readonly message: string }[] {
  const volumes: readonly Volume[] = pod.spec?.volumes ?? [];
  const faultOf = (kind: "ConfigMap" | "Secret", source: Source | undefined): string | undefined => {
    if (!source || (kind === "ConfigMap" && source.name === ROOT_CA)) return undefined;
    const object = lookup(kind, source.name ?? source.secretName ?? "");
    if (!object) return source.optional ? undefined : `${WORD[kind]} "${source.name ?? source.secretName}" not found`;
    const missing = (source.items ?? []).find(({ key }) => !hasKey(object, key));
    if (!missing || source.optional) return undefined;
    return kind === "ConfigMap" ? `configmap references non-existent config key: ${missing.key}` : `references non-existent secret key: ${missing.key}`;
  };
  return volumes.flatMap(({ name, configMap, secret, projected }) => {
    const sources = [{ configMap, secret }, ...(projected?.sources ?? [])];
    const message = sources.map((s) => faultOf("ConfigMap", s.configMap) ?? faultOf("Secret", s.secret)).find((fault) => fault !== undefined);
    return message === undefined ? [] : [{ volume: name, message }];
  });
}
