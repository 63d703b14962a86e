/**
 * The roles and bindings of a new cluster, out of the table. Source: plugin/pkg/auth/authorizer/rbac/bootstrappolicy.
 *
 * A role is a line with its name (`namespace/name` for a Role), `+aggregate-to-x` for a label that makes it part of another role, `<aggregate-to-x` for what
 * it is made of itself; then a line for each rule: groups (`core` is the legacy one), resources, names in parentheses, verbs. `read` is get, list and watch;
 * `write` is create, delete, deletecollection, patch and update; lists are in the order of the alphabet.
 * A binding is a line with its name, `-> role` where the role is called differently, `= subjects`. Every ClusterRole system:controller:x is bound to the
 * service account x in kube-system.
 */
import type { KubeObject } from "../../object.js";
import type { PolicyRule, Subject } from "../../schema/api/rbac.v1.js";
import { RBAC_GROUP } from "../common.js";
import { BINDINGS, ROLES } from "./table.js";

const AGGREGATE = `${RBAC_GROUP}/`;
const CONTROLLER = "system:controller:";
const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];
const VERBS: Readonly<Record<string, string[]>> = { read: READ, write: WRITE, "read+write": [...READ, ...WRITE].sort() };
const GROUPS: Readonly<Record<string, string[]>> = { core: [""], "core,events.k8s.io": ["", "events.k8s.io"] };

/** The annotation by which a role says that it is kept up to date. */
export const AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

/** All roles, then all bindings, each with its kind. New objects at each call. */
export function bootstrapPolicy(): KubeObject[] {
  const roles = rolesOf(ROLES);
  const controllers = roles.filter((r) => r.kind === "ClusterRole" && r.metadata.name?.startsWith(CONTROLLER));
  return [...roles, ...lines(BINDINGS).map(bindingOf), ...controllers.map((r) => controllerBinding(r.metadata.name as string))];
}

const lines = (text: string): string[] => text.trim().split("\n");

function headOf(title: string, kinds: readonly [cluster: string, namespaced: string], labels: Record<string, string> = {}): KubeObject {
  const slash = title.indexOf("/");
  return {
    kind: slash < 0 ? kinds[0] : kinds[1],
    apiVersion: `${RBAC_GROUP}/v1`,
    metadata: {
      name: title.slice(slash + 1),
      ...(slash < 0 ? {} : { namespace: title.slice(0, slash) }),
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels },
      annotations: { [AUTO_UPDATE]: "true" },
    },
  };
}

function rolesOf(table: string): KubeObject[] {
  const out: KubeObject[] = [];
  for (const line of lines(table)) {
    if (line.startsWith(" ")) {
      ((out.at(-1) as KubeObject).rules as PolicyRule[]).push(ruleOf(line.trim()));
      continue;
    }
    const [title = "", ...marks] = line.split(" ");
    const named = (mark: string): string[] => marks.filter((m) => m.startsWith(mark)).map((m) => AGGREGATE + m.slice(1));
    const role = headOf(title, ["ClusterRole", "Role"], Object.fromEntries(named("+").map((label) => [label, "true"])));
    role.rules = [];
    const selectors = named("<").map((label) => ({ matchLabels: { [label]: "true" } }));
    if (selectors.length) role.aggregationRule = { clusterRoleSelectors: selectors };
    out.push(role);
  }
  return out;
}

function ruleOf(line: string): PolicyRule {
  // names may hold colons; what separates is a colon and a space
  const colon = line.lastIndexOf(": ");
  const space = line.indexOf(" ");
  const verbs = listOf(VERBS, line.slice(colon + 2), " ");
  const groups = line.slice(0, space);
  if (groups === "urls") return { verbs, nonResourceURLs: line.slice(space + 1, colon).split(",") };
  const apiGroups = listOf(GROUPS, groups, ",");
  const names = line.indexOf("(");
  if (names < 0) return { verbs, apiGroups, resources: line.slice(space + 1, colon).split(",") };
  return { verbs, apiGroups, resources: line.slice(space + 1, names).split(","), resourceNames: line.slice(names + 1, colon - 1).split(",") };
}

const listOf = (words: Readonly<Record<string, string[]>>, text: string, separator: string): string[] => words[text] ?? text.split(separator);

function bindingOf(line: string): KubeObject {
  const [head = "", subjects] = line.split(" = ");
  const [title = "", role] = head.split(" -> ");
  return binding(title, role, (subjects?.split(", ") ?? []).map(subjectOf));
}

const controllerBinding = (name: string): KubeObject =>
  binding(name, undefined, [{ kind: "ServiceAccount", name: name.slice(CONTROLLER.length), namespace: "kube-system" }]);

function binding(title: string, role: string | undefined, subjects: readonly Subject[]): KubeObject {
  const object = headOf(title, ["ClusterRoleBinding", "RoleBinding"]);
  if (subjects.length) object.subjects = subjects;
  object.roleRef = { apiGroup: RBAC_GROUP, kind: object.metadata.namespace ? "Role" : "ClusterRole", name: role ?? object.metadata.name };
  return object;
}

function subjectOf(text: string): Subject {
  const [kind = "", name = ""] = text.split(" ");
  if (kind !== "account") return { kind: kind === "user" ? "User" : "Group", apiGroup: RBAC_GROUP, name };
  const [namespace = "", account = ""] = name.split("/");
  return { kind: "ServiceAccount", name: account, namespace };
}
