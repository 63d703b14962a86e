import { type Kind, storageKey, storagePrefix } from "../../kinds/kind.js";
import { CompactedError, type Entry, FutureRevisionError, type ListResult } from "../../storage/store.js";
import { DecodeError } from "../codec/errors.js";
import { parseJson } from "../codec/json.js";
import { badRequest, expired, tooLargeResourceVersion } from "../errors.js";
import { listComputed } from "./computed.js";
import { entryOf, objectOf } from "./objects.js";
import { jsonKind } from "./patch/gofmt.js";
import { EVERYTHING, type Selection } from "./selection.js";
import type { Services } from "./types.js";
import { parseVersion } from "./version.js";

/** The parameters of a list, as they stand in the URL. */
export interface ListParameters {
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}
export const PLAIN_LIST: ListParameters = { limit: 0, continue: "", resourceVersion: "", resourceVersionMatch: "" };

/** A page of a list. */
export interface Page {
  readonly kind: Kind;
  readonly entries: readonly Entry[];
  /** "" for objects that are not stored. */
  readonly resourceVersion: string;
  /** "" on the last page. */
  readonly continue: string;
  readonly remainingItemCount?: number;
}

/**
 * LIST. Versions: unset and "0" read now; a version with match NotOlderThan, or without match and limit, reads now but not before that version exists; Exact,
 * or a
 * version with a limit, reads that very state; a continue token reads the state its first page read. Source: etcd3 store.GetList, storage.ListOptions.
 */
export function list(services: Services, kind: Kind, namespace: string, parameters: ListParameters = PLAIN_LIST, selection: Selection = EVERYTHING): Page {
  if (kind.computed) return listComputed(services, kind, selection);
  const prefix = storagePrefix(kind) + (kind.namespaced && namespace ? `${namespace}/` : "");
  const { store } = services;
  // from the watch cache (version 0) a limit is not honoured
  const limit = parameters.limit > 0 && (kind.uncached || parameters.resourceVersion !== "0") ? parameters.limit : 0;
  const single = parameters.continue === "" ? singleKey(kind, namespace, selection.name) : undefined;
  let at: number | undefined;
  let from: string | undefined;
  if (parameters.continue) {
    const token = decodeContinue(parameters.continue);
    if (parameters.resourceVersion !== "" && parameters.resourceVersion !== "0")
      throw badRequest("specifying resource version is not allowed when using continue");
    from = prefix + token.start;
    at = token.rv > 0 ? token.rv : undefined;
  }
  const version = parseVersion(parameters.resourceVersion, (why) => badRequest(`invalid resource version: ${why}`));
  if (from === undefined && version > 0) {
    if (version > store.revision) throw tooLargeResourceVersion(BigInt(parameters.resourceVersion), store.revision);
    const exact = parameters.resourceVersionMatch === "Exact" || (parameters.resourceVersionMatch === "" && limit > 0 && single === undefined);
    if (exact) at = version;
  }
  try {
    return single === undefined ? page(services, kind, prefix, { from, limit, at }, selection) : onlyOne(services, kind, single, at, selection);
  } catch (error) {
    if (error instanceof FutureRevisionError) throw tooLargeResourceVersion(error.requested, error.current);
    if (!(error instanceof CompactedError)) throw error;
    if (from === undefined) throw expired("The resourceVersion for the provided list is too old.");
    // the client may go on from the key it had reached, in today's state
    const fresh = encodeContinue(from.slice(prefix.length), -1);
    throw expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
      fresh,
    );
  }
}

/** The key a list is about when its selector pins a name: that one is read, and no page made. Source: registry.Store.ListPredicate. */
function singleKey(kind: Kind, namespace: string, name: string | undefined): string | undefined {
  const unfit = name === undefined || name === "" || name === "." || name === ".." || /[/%]/.test(name) || (kind.namespaced && namespace === "");
  return unfit ? undefined : storageKey(kind, namespace, name);
}

function onlyOne({ store }: Services, kind: Kind, key: string, at: number | undefined, selection: Selection): Page {
  const result = store.list(key, { at, limit: 1 });
  const entries = result.entries.filter((entry) => entry.key === key && selection.matches(objectOf(entry, kind)));
  return { kind, entries, resourceVersion: String(result.revision), continue: "" };
}

interface Range {
  readonly from: string | undefined;
  readonly limit: number;
  readonly at: number | undefined;
}

function page(services: Services, kind: Kind, prefix: string, range: Range, selection: Selection): Page {
  const { store } = services;
  if (selection.everything) {
    const result = store.list(prefix, { from: range.from, limit: range.limit || undefined, at: range.at });
    return finish(kind, prefix, result.entries, result, range.limit > 0 && result.remaining > 0, true);
  }
  // a selective page is filled from as many stored keys as it takes; whether more follow is a question of keys, not of matches
  const picked: Entry[] = [];
  const result = store.list(prefix, { from: range.from, at: range.at });
  for (const [i, entry] of result.entries.entries()) {
    if (!selection.matches(objectOf(entry, kind))) continue;
    picked.push(entry);
    if (picked.length === range.limit) return finish(kind, prefix, picked, result, i + 1 < result.entries.length, false);
  }
  return finish(kind, prefix, picked, result, false, false);
}

function finish(kind: Kind, prefix: string, entries: readonly Entry[], result: ListResult, more: boolean, count: boolean): Page {
  const last = entries.at(-1);
  return {
    kind,
    entries: kind.storedAs ? entries.map((entry) => entryOf(entry, kind)) : entries,
    resourceVersion: String(result.revision),
    continue: more && last ? encodeContinue(nextStart(kind, prefix, last), result.revision) : "",
    ...(more && count ? { remainingItemCount: result.remaining } : {}),
  };
}

/** Behind an entry. The watch cache knows its key from the slash behind the resource on, the store without. */
const nextStart = (kind: Kind, prefix: string, { key }: Entry): string => `${kind.uncached ? "" : "/"}${key.slice(prefix.length)}\0`;

/** Source: storage.EncodeContinue. `rv` -1: today's state (inconsistent continuation). */
function encodeContinue(start: string, rv: number): string {
  const token = JSON.stringify({ v: "meta.k8s.io/v1", rv, start });
  return Buffer.from(token).toString("base64url");
}

const badContinue = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);

const TOKEN_FIELDS = [
  ["v", "string"],
  ["rv", "int64"],
  ["start", "string"],
] as const;

function decodeContinue(token: string): { rv: number; start: string } {
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  if (!/^[A-Za-z0-9_-]*$/.test(token)) throw badContinue(`illegal base64 data at input byte ${token.search(/[^A-Za-z0-9_-]/)}`);
  const bytes = Buffer.from(token, "base64url");
  const [first = 0] = bytes;
  // Go's scanner names the byte, whatever text it may be part of
  if (first >= 0x80)
    throw badContinue(`invalid character '${first < 0xa0 ? `\\u00${first.toString(16)}` : String.fromCharCode(first)}' looking for beginning of value`);
  try {
    value = parseJson(bytes.toString("latin1")) as typeof value;
  } catch (error) {
    throw badContinue(error instanceof DecodeError ? error.message : (error as Error).message);
  }
  const kindOfValue = jsonKind(value);
  if (value !== null && kindOfValue !== "object") throw badContinue(`json: cannot unmarshal ${kindOfValue} into Go value of type storage.continueToken`);
  // names match whatever their case
  value = Object.fromEntries(Object.entries(value ?? {}).map(([key, part]) => [key.toLowerCase(), part])) as typeof value;
  for (const [name, type] of TOKEN_FIELDS) {
    const part: unknown = value[name];
    if (part === undefined || part === null || (type === "int64" ? Number.isInteger(part) : typeof part === type)) continue;
    const what = typeof part === "number" && type === "int64" ? `number ${part}` : jsonKind(part);
    throw badContinue(`json: cannot unmarshal ${what} into Go struct field continueToken.${name} of type ${type}`);
  }
  if (value.v !== "meta.k8s.io/v1") throw badContinue(`server does not recognize this encoded version ${String(value.v ?? "")}`);
  if (typeof value.rv !== "number" || value.rv === 0) throw badContinue("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof value.start !== "string" || value.start === "") throw badContinue("encoded start key empty (version meta.k8s.io/v1)");
  // no path may climb out of the prefix
  const path = value.start.startsWith("/") ? value.start : `/${value.start}`;
  if (
    path
      .split("/")
      .slice(1)
      .some((part) => part === "." || part === ".." || (part === "" && path !== "/"))
  )
    throw badContinue(value.start);
  return { rv: value.rv, start: Buffer.from(path.slice(1), "latin1").toString("utf8") };
}
