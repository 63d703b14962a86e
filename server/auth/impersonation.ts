/**
 * Acting as somebody else. Constrained modes (impersonate:user-info and its like, with a right on the request itself) are tried before the old right
 * to impersonate. Source: apiserver pkg/endpoints/filters/impersonation (gate ConstrainedImpersonation, on in 1.36). Upstream remembers for ten seconds whom it
 * has let through; here every request is judged.
 */
import { quote } from "../../kinds/field.js";
import { isDNS1123Label, isDNS1123Subdomain, isDomainPrefixedPath } from "../../kinds/validation/names.js";
import { ApiError, badRequest } from "../errors.js";
import type { UserInfo } from "../pipeline/types.js";
import { type Attributes, type Authorizer, aggregate, PRIVILEGED_GROUP, type ResourceAttributes } from "./authorizer.js";
import { forbiddenBy, NO_SNIFF } from "./forbidden.js";

const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";
const ANONYMOUS = "system:anonymous";
const EXTRA_HEADER = "impersonate-extra-";
const NODE_KEY = "authentication.kubernetes.io/node-name";
/** From so many groups or values on, a right on all of them is asked for first. */
const MANY = 4;

type Extra = Record<string, string[]>;

/** Whether the headers ask for it; the usual answer is no, and quick. */
export function impersonates(headers: object): boolean {
  for (const name in headers) if (name.startsWith("impersonate-")) return true;
  return false;
}

/** Who is asked for. `raw`: names and values in turn, as they came. 400 when a user is missing. */
export function wantedUser(raw: readonly string[]): UserInfo | undefined {
  const values = (wanted: string): string[] => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === wanted);
  const name = values("impersonate-user")[0] ?? "";
  const uid = values("impersonate-uid")[0] ?? "";
  const groups = values("impersonate-group");
  const keys = new Map<string, string[]>();
  for (let i = 0; i < raw.length; i += 2) {
    const header = (raw[i] as string).toLowerCase();
    if (!header.startsWith(EXTRA_HEADER)) continue;
    const key = unescaped(header.slice(EXTRA_HEADER.length));
    keys.set(key, [...(keys.get(key) ?? []), raw[i + 1] as string]);
  }
  const extra: Extra = Object.fromEntries(keys);
  const hasExtra = keys.size > 0;
  if (name) return { name, ...(uid ? { uid } : {}), groups, ...(hasExtra ? { extra } : {}) };
  if (!uid && !groups.length && !hasExtra) return undefined;
  const error = badRequest(`requested ${goUser(uid, groups, hasExtra ? extra : undefined)} without impersonating a user name`);
  throw new ApiError(error.status, NO_SNIFF);
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Go's %#v of a user. */
function goUser(uid: string, groups: readonly string[], extra: Extra | undefined): string {
  const list = (values: readonly string[]): string => (values.length ? `[]string{${values.map(quote).join(", ")}}` : "[]string(nil)");
  const map = extra
    ? `{${Object.keys(extra)
        .sort()
        .map((key) => `${quote(key)}:${list(extra[key] as string[])}`)
        .join(", ")}}`
    : "(nil)";
  return `&user.DefaultInfo{Name:"", UID:${quote(uid)}, Groups:${list(groups)}, Extra:map[string][]string${map}}`;
}

interface Mode {
  /** "" is the old one. */
  readonly name: string;
  /** Whether it knows such users; only a constrained one asks. */
  applies(wanted: UserInfo, requestor: UserInfo): boolean;
}

const MODES: readonly Mode[] = [
  { name: "associated-node", applies: (wanted, requestor) => nameOnly(wanted) && isOwnNode(requestor, wanted.name) },
  { name: "arbitrary-node", applies: (wanted) => nameOnly(wanted) && nodeOf(wanted.name) !== undefined },
  { name: "serviceaccount", applies: (wanted) => nameOnly(wanted) && serviceAccountOf(wanted.name) !== undefined },
  { name: "user-info", applies: (wanted) => nodeOf(wanted.name) === undefined && serviceAccountOf(wanted.name) === undefined },
  { name: "", applies: () => true },
];

/**
 * The filter of one server. It remembers which mode a user was let through by last and begins with that one, as upstream does: of several refusals the first
 * is the answer.
 */
export function createImpersonation(authorizer: Authorizer): (attributes: Attributes, wanted: UserInfo) => UserInfo {
  const last = new Map<string, Mode>();
  return (attributes, wanted) => {
    const before = last.get(attributes.user.name);
    let refusal: unknown;
    for (const mode of before ? [before, ...MODES.filter((m) => m !== before)] : MODES) {
      if (!mode.applies(wanted, attributes.user)) continue;
      try {
        const user = actAs(authorizer, mode.name, attributes, wanted);
        if (last.size >= 10_000) last.clear();
        last.set(attributes.user.name, mode);
        return user;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  };
}

/** One mode's answer: the user to go on as, or a 403. */
function actAs(authorizer: Authorizer, mode: string, attributes: Attributes, wanted: UserInfo): UserInfo {
  const check = (a: Attributes): void => {
    const { allowed, reason } = authorizer.authorize(a);
    if (!allowed) throw forbiddenBy(a, reason);
  };
  if (mode) check({ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
  const right = (resource: string, name: string, more: Partial<ResourceAttributes> = {}): ResourceAttributes => ({
    user: attributes.user,
    verb: mode ? `impersonate:${mode}` : "impersonate",
    group: "authentication.k8s.io",
    resource,
    subresource: "",
    namespace: "",
    name,
    ...more,
  });
  // users, groups and accounts were of the legacy group before there were modes
  const legacy = mode ? {} : { group: "" };

  const account = serviceAccountOf(wanted.name);
  const node = mode ? nodeOf(wanted.name) : undefined;
  if (account) check(right("serviceaccounts", account.name, { ...legacy, namespace: account.namespace }));
  else if (node !== undefined) check(right("nodes", mode === "associated-node" ? "*" : node));
  else check(right("users", wanted.name, legacy));
  if (wanted.uid) check(right("uids", wanted.uid));
  checkGroups(wanted.groups, mode !== "", (name) => right("groups", name, legacy), check);
  checkExtra(wanted.extra ?? {}, mode !== "", (name, subresource) => right("userextras", name, { subresource }), check);

  let { groups } = wanted;
  if (node !== undefined) groups = ["system:nodes"];
  else if (account && !groups.length) groups = ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
  const must = wanted.name === ANONYMOUS ? UNAUTHENTICATED : groups.includes(UNAUTHENTICATED) ? undefined : AUTHENTICATED;
  return must && !groups.includes(must) ? { ...wanted, groups: [...groups, must] } : { ...wanted, groups };
}

const allowed = (check: (a: Attributes) => void, a: Attributes): boolean => {
  try {
    check(a);
    return true;
  } catch {
    return false;
  }
};

function checkGroups(groups: readonly string[], constrained: boolean, right: (name: string) => Attributes, check: (a: Attributes) => void): void {
  if (constrained) {
    if (groups.includes("")) throw forbiddenBy(right(""), "impersonating the empty string group is not allowed");
    if (groups.includes(PRIVILEGED_GROUP)) throw forbiddenBy(right(PRIVILEGED_GROUP), "impersonating the system:masters group is not allowed");
    if (groups.length >= MANY && allowed(check, right("*"))) return;
  }
  for (const group of groups) check(right(group));
}

function checkExtra(
  extra: Readonly<Record<string, readonly string[]>>,
  constrained: boolean,
  right: (name: string, key: string) => Attributes,
  check: (a: Attributes) => void,
): void {
  const entries = Object.entries(extra);
  if (constrained && entries.length) {
    const fault = extraFault(entries);
    if (fault) throw forbiddenBy(right("", ""), fault);
    const many = entries.length >= MANY || entries.reduce((sum, [, values]) => sum + values.length, 0) >= MANY;
    if (many && allowed(check, right("*", "*"))) return;
  }
  for (const [key, values] of entries) for (const value of values) check(right(value, key));
}

/** Source: validateExtra. Keys are in lower case already, as headers are. */
function extraFault(entries: readonly (readonly [string, readonly string[]])[]): string | undefined {
  for (const [key, values] of entries) {
    if (key === "") return "impersonating the empty string key in extra is not allowed";
    const faults = isDomainPrefixedPath("extra.key", key).map((f) => `${f.field}: ${f.message}`);
    if (faults.length) return `impersonating an invalid key in extra is not allowed: ${aggregate(faults)}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${quote(key)}`;
    if (values.includes("")) return "impersonating the empty string value in extra is not allowed";
  }
  return undefined;
}

const nameOnly = ({ uid, groups, extra }: UserInfo): boolean => !uid && groups.length === 0 && !extra;

/** Source: serviceaccount.SplitUsername. */
export function serviceAccountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  const parts = username.split(":");
  if (parts.length !== 4 || !username.startsWith("system:serviceaccount:")) return undefined;
  const [, , namespace = "", name = ""] = parts;
  return isDNS1123Subdomain(name).length || isDNS1123Label(namespace).length ? undefined : { namespace, name };
}

function nodeOf(username: string): string | undefined {
  const name = username.startsWith("system:node:") ? username.slice("system:node:".length) : "";
  return name && isDNS1123Subdomain(name).length === 0 ? name : undefined;
}

/** An account's token may be bound to the node its pod runs on. */
function isOwnNode(requestor: UserInfo, username: string): boolean {
  const bound = requestor.extra?.[NODE_KEY];
  return serviceAccountOf(requestor.name) !== undefined && bound?.length === 1 && nodeOf(username) === bound[0];
}
