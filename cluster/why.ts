import type { Client } from "../client/index.js";
import type { Journal, Named } from "../controllers/runtime/journal.js";
import { explain } from "../controllers/why/explain.js";
import { type Link, paragraph, sentence, subject } from "../controllers/why/sentence.js";
import { apiVersionOf, type Kind } from "../kinds/kind.js";
import type { KubeObject } from "../kinds/object.js";
import { kindNamed } from "../kinds/resourcename.js";
import { badRequest, isNotFound } from "../server/errors.js";

/** One thing that is not done, or not so, yet. Times are RFC 3339. */
export interface Reason {
  /** The component that decided, as its Events name it. */
  readonly by: string;
  readonly about: Named;
  readonly state: string;
  readonly because: string;
  readonly rule?: string;
  readonly waitsFor: readonly Named[];
  readonly unblocks?: string;
  /** Absent where that is not known. */
  readonly since?: string;
  readonly next?: { readonly what: string; readonly at: string };
  /** All of it and of what follows, in words. */
  readonly sentence: string;
  /** What those that it waits for wait for. */
  readonly below: readonly Reason[];
}

/** What an object waits for. */
export interface Explanation {
  readonly apiVersion: "mockube.dev/v1";
  readonly kind: "Explanation";
  readonly object: Named & { readonly apiVersion: string /** False for what is yet to be created. */; readonly exists: boolean };
  readonly reasons: readonly Reason[];
  /** What `mockube why` prints. */
  readonly text: string;
}

export interface WhyOptions {
  /** Default: `default`. */
  readonly namespace?: string;
}

/** Says what an object waits for. `object` as kubectl would have it: `pod/web-0`, `sts/web`. Errors: ApiErrors. */
export type Why = (object: string, options?: WhyOptions) => Promise<Explanation>;

const time = (ms: number): string => new Date(ms).toISOString();

function reasonOf(link: Link, now: number): Reason {
  const { by, about, state, because, rule, waitsFor = [], unblocks, since, next } = link;
  return {
    by,
    about,
    state,
    because,
    ...(rule === undefined ? {} : { rule }),
    waitsFor,
    ...(unblocks === undefined ? {} : { unblocks }),
    ...(since === undefined ? {} : { since: time(since) }),
    ...(next ? { next: { what: next.what, at: time(next.at) } } : {}),
    sentence: sentence(link, now),
    below: link.below.map((one) => reasonOf(one, now)),
  };
}

/** Kinds whose components state all that they hold back. Of others only what the garbage collector knows is told. */
const KNOWN: ReadonlySet<string> = new Set([
  "Deployment",
  "Job",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Pod",
  "ReplicaSet",
  "Service",
  "StatefulSet",
]);

/** How an object that waits for nothing is: by its phase, or its pods. */
function atRest(object: KubeObject): string {
  const { phase, conditions, readyReplicas } = object.status ?? {};
  const ready = (conditions ?? []).some((c: { type: string; status: string }) => c.type === "Ready" && c.status === "True");
  if (phase) return ` (${phase}${object.kind === "Pod" && ready ? ", Ready" : ""})`;
  return object.spec?.replicas === undefined || !object.spec.template ? "" : ` (${readyReplicas ?? 0} of ${object.spec.replicas} pods ready)`;
}

/** `TYPE/NAME`. Errors in kubectl's words. Source: cli-runtime pkg/resource builder splitResourceTypeName. */
function target(kinds: readonly Kind[], text: string): { kind: Kind; name: string } {
  const parts = text.split("/");
  if (parts.length > 2) throw badRequest("arguments in resource/name form may not have more than one slash");
  const [type = "", name = ""] = parts;
  if (!type || !name) throw badRequest("arguments in resource/name form must have a single resource and name");
  const kind = kindNamed(kinds, type);
  if (!kind) throw badRequest(`the server doesn't have a resource type "${type}"`);
  return { kind, name };
}

export function whyOf(kinds: readonly Kind[], client: Client, journal: Journal, now: () => number): Why {
  return async (text, { namespace = "default" } = {}) => {
    const { kind, name } = target(kinds, text);
    const at = kind.namespaced ? namespace : "";
    const object: Named = { kind: kind.kind, ...(at ? { namespace: at } : {}), name };
    const links = explain(object, (one) => journal.about(one));
    // what is yet to be created is known to those who are to create it
    const found = await client
      .resource(kind)
      .get(at, name)
      .catch((error: unknown) => {
        if (isNotFound(error) && links.length > 0) return undefined;
        throw error;
      });
    const moment = now();
    const rest = found ? [`${subject(object)} waits for nothing${KNOWN.has(kind.kind) ? atRest({ ...found, kind: kind.kind }) : " that is known here"}`] : [];
    return {
      apiVersion: "mockube.dev/v1",
      kind: "Explanation",
      object: { apiVersion: apiVersionOf(kind), ...object, exists: found !== undefined },
      reasons: links.map((link) => reasonOf(link, moment)),
      text: (links.length > 0 ? links.flatMap((link) => paragraph(link, moment)) : rest).join("\n"),
    };
  };
}
