import { custom, notAcceptable } from "../errors.js";

/** Media types an answer can have. */
export type MediaType = "application/json" | "application/yaml" | "application/vnd.kubernetes.protobuf";

/** What the client wants to see instead of the object itself. */
export type Transform = "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";

export interface Accepted {
  readonly mediaType: MediaType;
  readonly as?: Transform;
  /** `v` of the transform: v1 or v1beta1. */
  readonly version?: string;
  /** What the answer's content type says behind the media type. */
  readonly parameters?: string;
}

const MEDIA: readonly MediaType[] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const TRANSFORMS: ReadonlySet<string> = new Set(["Table", "PartialObjectMetadata", "PartialObjectMetadataList"]);

interface Clause {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
  readonly params: Readonly<Record<string, string>>;
}

/** The clauses of an Accept header, best first. Source: goautoneg.ParseAccept. */
function clausesOf(header: string): Clause[] {
  const clauses = header.split(",").map((text) => {
    const [range = "", ...raw] = text.split(";").map((s) => s.trim());
    const [type = "", subtype = "*"] = range === "*" ? ["*", "*"] : range.split("/");
    const params: Record<string, string> = {};
    let q = 1;
    for (const param of raw) {
      const [key = "", value = ""] = param.split("=").map((s) => s.trim());
      if (key === "q") q = Number(value) || 0;
      else params[key] = value;
    }
    return { type, subtype, q, params };
  });
  return clauses.sort((a, b) => b.q - a.q);
}

/** What an endpoint can do. */
export interface Restrictions {
  /** Watches are among its answers. */
  readonly watchable?: boolean;
  /** false where there is no Table and the like: errors and discovery. */
  readonly transforms?: boolean;
  /** false where objects have no protobuf form (custom resources); what they are transformed into has one. */
  readonly protobuf?: boolean;
}

const cache = new Map<string, Accepted | null>();

/**
 * Negotiates an answer. 406 when nothing fits. Source: negotiation.NegotiateMediaTypeOptions; the two texts are
 * go-restful's, for a type that no clause fits, and the negotiator's, for a transform it does not know.
 */
export function negotiate(header: string | undefined, options: Restrictions = {}): Accepted {
  if (!header) return { mediaType: "application/json" };
  const key = `${options.transforms !== false}${options.protobuf !== false}${header}`;
  let accepted = cache.get(key);
  if (accepted === undefined) {
    accepted = find(header, options) ?? null;
    if (cache.size < 256) cache.set(key, accepted);
  }
  if (accepted) return accepted;
  if (clausesOf(header).some((c) => matchAny(c) !== undefined)) throw notAcceptable(MEDIA);
  const available = options.watchable ? [...MEDIA, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"] : MEDIA;
  throw custom(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${available.join(", ")}`, {});
}

const matchAny = (c: Clause): MediaType | undefined =>
  MEDIA.find((m) => {
    const [type, subtype] = m.split("/");
    // go-restful knows no `application/*`: only exact types and */*
    return (c.type === type && c.subtype === subtype) || (c.type === "*" && c.subtype === "*");
  });

/** Source: RequestScope.AllowsMediaTypeTransform: a Table is JSON or YAML. */
function find(header: string, { transforms = true, protobuf = true }: Restrictions): Accepted | undefined {
  for (const clause of clausesOf(header)) {
    const mediaType = matchAny(clause);
    if (!mediaType) continue;
    const { as, g, v } = clause.params;
    const isProtobuf = mediaType === "application/vnd.kubernetes.protobuf";
    if (as === undefined && g === undefined && v === undefined) {
      if (isProtobuf && !protobuf) continue;
      return { mediaType };
    }
    if (!transforms || (isProtobuf && as === "Table")) continue;
    if (as !== undefined && TRANSFORMS.has(as) && (g ?? "") === "meta.k8s.io" && (v === "v1" || v === "v1beta1"))
      return { mediaType, as: as as Transform, version: v };
  }
  return undefined;
}

/**
 * The form a client would rather have the aggregated discovery document in, undefined when it would rather have the plain one, or none that there is.
 * v2beta1 is gone (AggregatedDiscoveryRemoveBetaType). Source: apiserver pkg/endpoints/discovery/aggregated WrappedHandler.
 */
export function negotiateAggregated(header: string | undefined): Accepted | undefined {
  if (!header?.includes("APIGroupDiscoveryList")) return undefined;
  for (const clause of clausesOf(header)) {
    const mediaType = matchAny(clause);
    if (!mediaType) continue;
    const { as, g, v } = clause.params;
    if (as === undefined && g === undefined && v === undefined) return undefined;
    if (as === "APIGroupDiscoveryList" && g === "apidiscovery.k8s.io" && v === "v2")
      return { mediaType, parameters: ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
  }
  return undefined;
}
