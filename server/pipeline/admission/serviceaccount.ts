import type { KubeObject } from "../../../kinds/object.js";
import type { Container, PodSpec, Volume } from "../../../kinds/schema/api/core.v1.js";
import { forbidden } from "../../errors.js";
import { generateName } from "../names.js";
import { resourceName } from "../objects.js";
import type { Services } from "../types.js";
import { peek } from "./lookup.js";
import type { AdmissionPlugin, Attributes } from "./types.js";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_SECONDS = 60 * 60 + 7;
const VOLUME_PREFIX = "kube-api-access-";
const MIRROR = "kubernetes.io/config.mirror";

/** Source: plugin/pkg/admission/serviceaccount. */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  admit(a, _ctx, services) {
    const { object } = a;
    if (!object || a.operation !== "CREATE" || !isPod(a)) return;
    const spec = object.spec as PodSpec;
    if (object.metadata.annotations?.[MIRROR] !== undefined) return validateMirror(a, spec);
    spec.serviceAccountName ||= "default";
    spec.serviceAccount = spec.serviceAccountName;
    const account = accountOf(a, services, spec.serviceAccountName);
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, services);
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map((s: { name?: string }) => ({ name: s.name }));
  },
  validate(a, _ctx, services) {
    const { object } = a;
    if (!object || a.operation !== "CREATE" || !isPod(a) || object.metadata.annotations?.[MIRROR] !== undefined) return;
    const spec = object.spec as PodSpec;
    const account = accountOf(a, services, spec.serviceAccountName ?? "");
    if (account.metadata.annotations?.["kubernetes.io/enforce-mountable-secrets"] === "true") limitSecrets(a, spec, account);
  },
};

const isPod = (a: Attributes): boolean => a.kind.group === "" && a.kind.resource === "pods" && a.subresource === "";
const refuse = (a: Attributes, why: string): Error => forbidden(resourceName(a.kind), a.name || (a.object?.metadata.name ?? ""), why);

function validateMirror(a: Attributes, spec: PodSpec): void {
  if (spec.serviceAccountName) throw refuse(a, "a mirror pod may not reference service accounts");
  if (spec.volumes?.some((v) => v.secret)) throw refuse(a, "a mirror pod may not reference secrets");
  if (spec.volumes?.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken)))
    throw refuse(a, "a mirror pod may not use ServiceAccountToken volume projections");
}

function accountOf(a: Attributes, services: Services, name: string): KubeObject {
  const account = peek(services, "", "v1", "serviceaccounts", a.namespace, name);
  if (account) return account;
  throw refuse(a, `error looking up service account ${a.namespace}/${name}: serviceaccount "${name}" not found`);
}

/** The projected volume with token, CA and namespace, mounted where a container has nothing at that path yet. */
function mountToken(spec: PodSpec, services: Services): void {
  spec.volumes ??= [];
  const { volumes } = spec;
  const names = new Set(volumes.map((v) => v.name));
  const existing = volumes.find((v) => v.name?.startsWith(VOLUME_PREFIX));
  let name = existing?.name;
  if (!name)
    do name = generateName(VOLUME_PREFIX, () => services.random());
    while (names.has(name));
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Container[]) {
    if (container.volumeMounts?.some((m) => m.mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }];
    needed = true;
  }
  if (needed && !existing) volumes.push(tokenVolume(name));
  if (volumes.length === 0) spec.volumes = undefined;
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
    ],
    defaultMode: 0o644,
  },
});

function limitSecrets(a: Attributes, spec: PodSpec, account: KubeObject): void {
  const mountable = new Set((account.secrets ?? []).map((s: { name?: string }) => s.name));
  const who = account.metadata.name;
  const tail = `is not allowed because service account ${who} does not reference that secret`;
  for (const volume of spec.volumes ?? [])
    if (volume.secret && !mountable.has(volume.secret.secretName)) throw refuse(a, `volume with secret.secretName="${volume.secret.secretName}" ${tail}`);
  const check = (label: string, containers: readonly Container[] | undefined): void => {
    for (const c of containers ?? []) {
      for (const env of c.env ?? []) {
        const secret = env.valueFrom?.secretKeyRef?.name;
        if (secret !== undefined && !mountable.has(secret))
          throw refuse(a, `${label} ${c.name} with envVar ${env.name} referencing secret.secretName="${secret}" ${tail}`);
      }
      for (const from of c.envFrom ?? [])
        if (from.secretRef && !mountable.has(from.secretRef.name))
          throw refuse(a, `${label} ${c.name} with envFrom referencing secret.secretName="${from.secretRef.name}" ${tail}`);
    }
  };
  check("init container", spec.initContainers);
  check("container", spec.containers);
  const pullable = new Set((account.imagePullSecrets ?? []).map((s: { name?: string }) => s.name));
  for (const [i, ref] of (spec.imagePullSecrets ?? []).entries())
    if (!pullable.has(ref.name))
      throw refuse(a, `imagePullSecrets[${i}].name="${ref.name}" is not allowed because service account ${who} does not reference that imagePullSecret`);
}
