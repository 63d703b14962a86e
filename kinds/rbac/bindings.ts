/** What RoleBinding and ClusterRoleBinding share. Sources: pkg/apis/rbac/v1/defaults.go, pkg/apis/rbac/validation, pkg/printers/internalversion printRoleBinding. */
import { type FieldError, invalid, notSupported, required } from "../field.js";
import type { Printer } from "../kind.js";
import type { KubeObject } from "../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../printing.js";
import type { RoleRef, Subject } from "../schema/api/rbac.v1.js";
import { nameIsDNSSubdomain } from "../validation/names.js";
import { nameIsRbacName, RBAC_GROUP } from "./common.js";

/** Users, groups and roles are of this API's group where nothing is said; service accounts are of the legacy group. */
export function defaultBinding(object: KubeObject): void {
  object.roleRef ??= {};
  object.roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of (object.subjects ?? []) as Subject[]) if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ||= RBAC_GROUP;
}

/** roleRef and subjects; `roleKinds` is what may be referred to. */
export function validateBinding(object: KubeObject, namespaced: boolean, roleKinds: readonly string[]): FieldError[] {
  const out: FieldError[] = [];
  const { apiGroup = "", kind = "", name = "" }: Partial<RoleRef> = object.roleRef ?? {};
  if (apiGroup !== RBAC_GROUP) out.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  if (!roleKinds.includes(kind)) out.push(notSupported("roleRef.kind", kind, roleKinds));
  if (name === "") out.push(required("roleRef.name"));
  else for (const text of nameIsRbacName(name)) out.push(invalid("roleRef.name", name, text));
  for (const [i, subject] of ((object.subjects ?? []) as Subject[]).entries()) out.push(...validateSubject(subject, namespaced, `subjects[${i}]`));
  return out;
}

function validateSubject(subject: Subject, namespaced: boolean, path: string): FieldError[] {
  const out: FieldError[] = [];
  const { kind = "", name = "", apiGroup = "", namespace = "" }: Partial<Subject> = subject;
  if (name === "") out.push(required(`${path}.name`));
  if (kind === "ServiceAccount") {
    if (name) for (const text of nameIsDNSSubdomain(name, false)) out.push(invalid(`${path}.name`, name, text));
    if (apiGroup) out.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
    if (!namespaced && namespace === "") out.push(required(`${path}.namespace`));
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== RBAC_GROUP) out.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
  } else out.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  return out;
}

/** A binding is to one role for good. The value is shown as the internal type has it. */
export function validateRoleRefUnchanged(object: KubeObject, old: KubeObject): FieldError[] {
  const shown = ({ apiGroup = "", kind = "", name = "" }: Partial<RoleRef>) => ({ APIGroup: apiGroup, Kind: kind, Name: name });
  const now = shown(object.roleRef ?? {});
  return JSON.stringify(now) === JSON.stringify(shown(old.roleRef ?? {})) ? [] : [invalid("roleRef", now, "cannot change roleRef")];
}

/** Columns of `kubectl get`; `kind` as the descriptions spell it. */
export function bindingPrinter(kind: string, roleDescription: string): Printer {
  const columns = [
    NAME_COLUMN,
    column("Role", "string", roleDescription),
    AGE_COLUMN,
    ...["Users", "Groups", "ServiceAccounts"].map((what) => column(what, "string", `${what} in the ${kind}`, true)),
  ];
  return printer(columns, (o, ctx) => {
    const subjects: readonly Subject[] = o.subjects ?? [];
    const names = (of: string, text: (s: Subject) => string): string =>
      subjects
        .filter((s) => s.kind === of)
        .map(text)
        .join(", ");
    return [
      o.metadata.name ?? "",
      `${o.roleRef?.kind ?? ""}/${o.roleRef?.name ?? ""}`,
      age(o, ctx),
      names("User", (s) => s.name),
      names("Group", (s) => s.name),
      names("ServiceAccount", (s) => `${s.namespace ?? ""}/${s.name}`),
    ];
  });
}
