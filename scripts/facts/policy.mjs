// Writes kinds/rbac/policy/table.ts out of what ./policy prints (stdin). kinds/rbac/policy/parse.ts reads it and says what the lines mean.
import { readFileSync, writeFileSync } from "node:fs";

const policy = JSON.parse(readFileSync(0, "utf8"));
const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];
const AGGREGATE = "rbac.authorization.k8s.io/";
const BOOTSTRAPPING = "kubernetes.io/bootstrapping";

const sorted = (list, what) => {
  if (String([...list].sort()) !== String(list)) throw new Error(`not sorted: ${what} ${list}`);
  return list;
};
const flat = (map) => Object.entries(map).flatMap(([namespace, list]) => list.map((o) => ({ ...o, metadata: { ...o.metadata, namespace } })));
const title = ({ metadata: { namespace, name } }) => (namespace ? `${namespace}/${name}` : name);

function verbs(list) {
  const text = sorted(list, "verbs").join(" ");
  if (text === READ.join(" ")) return "read";
  if (text === WRITE.join(" ")) return "write";
  return text === [...READ, ...WRITE].sort().join(" ") ? "read+write" : text;
}

function rule({ apiGroups, resources, resourceNames, nonResourceURLs, verbs: list }) {
  if (nonResourceURLs) return `  urls ${sorted(nonResourceURLs, "urls").join(",")}: ${verbs(list)}`;
  const groups = sorted(apiGroups, "groups").map((g) => g || "core");
  const names = resourceNames ? `(${sorted(resourceNames, "names").join(",")})` : "";
  return `  ${groups.join(",")} ${sorted(resources, "resources").join(",")}${names}: ${verbs(list)}`;
}

function role(object) {
  const labels = Object.keys(object.metadata.labels).filter((l) => l !== BOOTSTRAPPING);
  const marks = labels.map((l) => ` +${l.slice(AGGREGATE.length)}`);
  const selectors = (object.aggregationRule?.clusterRoleSelectors ?? []).map((s) => ` <${Object.keys(s.matchLabels)[0].slice(AGGREGATE.length)}`);
  return [`${title(object)}${[...marks, ...selectors].join("")}`, ...(object.rules ?? []).map(rule)].join("\n");
}

const subject = ({ kind, namespace, name }) => (kind === "ServiceAccount" ? `account ${namespace}/${name}` : `${kind.toLowerCase()} ${name}`);

function binding(object) {
  const { roleRef, subjects = [], metadata } = object;
  const own = /^system:controller:(.+)$/.exec(metadata.namespace ? "" : metadata.name);
  const shown = subjects.map(subject).join(", ");
  // the accounts of the controllers go without saying
  if (own && shown === `account kube-system/${own[1]}`) return undefined;
  const to = roleRef.name === metadata.name ? "" : ` -> ${roleRef.name}`;
  return `${title(object)}${to}${shown ? ` = ${shown}` : ""}`;
}

const roles = [...policy.clusterRoles, ...flat(policy.roles)].map(role);
const bindings = [...policy.clusterRoleBindings, ...flat(policy.roleBindings)].map(binding).filter(Boolean);
const text = `/** The roles and bindings of a new cluster. Written by scripts/facts/policy.mjs; parse.ts says how to read it. */

export const ROLES = \`
${roles.join("\n")}
\`;

export const BINDINGS = \`
${bindings.join("\n")}
\`;
`;
writeFileSync(new URL("../../kinds/rbac/policy/table.ts", import.meta.url), text);
