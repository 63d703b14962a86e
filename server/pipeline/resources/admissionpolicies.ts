/**
 * Parameters of admission policies: whoever has a policy read them must be able to himself. Sources: authz.go of
 * pkg/registry/admissionregistration/{validating,mutating}admissionpolicy{,binding}.
 */
import { type FieldError, forbidden } from "../../../kinds/field.js";
import type { KubeObject } from "../../../kinds/object.js";
import type { ParamKind, ParamRef } from "../../../kinds/schema/api/admissionregistration.v1.js";
import { isPrivileged, type ResourceAttributes } from "../../auth/authorizer.js";
import { peek } from "../admission/lookup.js";
import type { RequestContext, Services, Target, UserInfo } from "../types.js";
import type { ResourceHook } from "./types.js";

/** The text of what is wrong with the rights of whoever asks, undefined when nothing is. */
type Check = (object: KubeObject, old: KubeObject | undefined, ctx: RequestContext, services: Services) => string | undefined;

/** Rights are looked at last, when nothing else is wrong with the object. */
const hook = (path: string, check: Check): ResourceHook => ({
  findings(object: KubeObject, old: KubeObject | undefined, { kind, subresource }: Target, ctx: RequestContext, services: Services): FieldError[] {
    if (subresource !== "" || ctx.trusted || isPrivileged(ctx.user)) return [];
    const text = check(object, old, ctx, services);
    if (text === undefined) return [];
    const errors = old ? kind.validateUpdate?.(object, old) : kind.validate?.(object);
    return errors?.length ? [] : [forbidden(path, text)];
  },
});

/** Which resource a kind of parameters is: everything, as far as it is not known. */
function resourceOf(
  { apiVersion = "", kind = "" }: ParamKind,
  { kinds }: Services,
): Pick<ResourceAttributes, "group" | "resource"> & { readonly known: boolean } {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const found = kinds.findKind(group, version, kind);
  return { group, resource: found?.resource ?? "*", known: found !== undefined };
}

/** As Go prints a user.DefaultInfo. */
function showUser({ name, uid = "", groups, extra = {} }: UserInfo): string {
  const entries = Object.keys(extra)
    .sort()
    .map((key) => `${key}:[${extra[key]?.join(" ")}]`);
  return `&{${name} ${uid} [${groups.join(" ")}] map[${entries.join(" ")}]}`;
}

const checkPolicy: Check = (object, old, { user }, services) => {
  const [kind, before]: readonly (ParamKind | undefined)[] = [object.spec?.paramKind, old?.spec?.paramKind];
  if (!kind || (before?.kind === kind.kind && before?.apiVersion === kind.apiVersion)) return undefined;
  const { group, resource } = resourceOf(kind, services);
  // all of them: a right in a namespace, or on some names, is not enough
  if (services.authorizer.authorize({ user, verb: "get", group, resource, subresource: "", namespace: "*", name: "*" }).allowed) return undefined;
  return `user ${showUser(user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind.kind}, apiVersion=${kind.apiVersion})`;
};

/** A binding is asked about at every change: upstream compares addresses of what is in its reference. */
const checkBinding =
  (policies: string, refusal: (user: string, verb: string) => string): Check =>
  (object, _old, { user }, services) => {
    const ref: ParamRef | undefined = object.spec?.paramRef;
    if (!ref) return undefined;
    const policyName: string = object.spec?.policyName ?? "";
    const policy = peek(services, "admissionregistration.k8s.io", "v1", policies, "", policyName);
    const kind: ParamKind | undefined = policy?.spec?.paramKind;
    const { group, resource, known } = kind ? resourceOf(kind, services) : { group: "*", resource: "*", known: true };
    const verb = ref.name ? "get" : "list";
    const asked = { user, verb, group, resource, subresource: "", namespace: ref.namespace ?? "", name: ref.name ?? "" };
    if (services.authorizer.authorize(asked).allowed) return undefined;
    const who = showUser(user);
    const all = `to determine minimum required permissions and user ${who} does not have "${verb}" permission for all groups, versions and resources`;
    if (!policy) return `unable to get policy ${policyName} ${all}`;
    if (!known) return `unable to resolve paramKind &{${kind?.apiVersion} ${kind?.kind}} ${all}`;
    return refusal(who, verb);
  };

const POLICIES = hook("spec.paramKind", checkPolicy);
const bindings = (policies: string, refusal: (user: string, verb: string) => string): ResourceHook => hook("spec.paramRef", checkBinding(policies, refusal));
const ON_OBJECT = "permission on the object referenced by paramRef";

export const admissionPolicyHooks: readonly (readonly [string, ResourceHook])[] = [
  ["admissionregistration.k8s.io/validatingadmissionpolicies", POLICIES],
  ["admissionregistration.k8s.io/mutatingadmissionpolicies", POLICIES],
  [
    "admissionregistration.k8s.io/validatingadmissionpolicybindings",
    bindings("validatingadmissionpolicies", (user, verb) => `user ${user} does not have "${verb}" ${ON_OBJECT}`),
  ],
  [
    "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
    // the two stand the other way around in this text
    bindings("mutatingadmissionpolicies", (user, verb) => `user ${verb} does not have "${user}" ${ON_OBJECT}`),
  ],
];
