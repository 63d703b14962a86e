import { quote } from "../../kinds/field.js";
import { ApiError, forbidden } from "../errors.js";
import { type Attributes, isPath } from "./authorizer.js";

/** Error texts must not look like HTML. */
const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
export const NO_SNIFF = { "x-content-type-options": "nosniff" } as const;

/** 403 for what an authorizer refused. Source: apiserver responsewriters.ForbiddenStatusError. */
export function forbiddenBy(a: Attributes, reason: string): ApiError {
  const message = sentence(a).replace(/[&<>]/g, (c) => HTML[c] as string);
  const about = isPath(a) ? { group: "", resource: "" } : { group: a.group, resource: a.resource };
  const error = forbidden(about, isPath(a) ? "" : a.name, reason ? `${message}: ${reason}` : message);
  return new ApiError(error.status, NO_SNIFF);
}

function sentence(a: Attributes): string {
  const who = `User ${quote(a.user.name)} cannot ${a.verb}`;
  if (isPath(a)) return `${who} path ${quote(a.path)}`;
  const what = a.subresource ? `${a.resource}/${a.subresource}` : a.resource;
  return `${who} resource ${quote(what)} in API group ${quote(a.group)} ${a.namespace ? `in the namespace ${quote(a.namespace)}` : "at the cluster scope"}`;
}
