import { type ApiError, custom, notAcceptable } from "../errors.js";
import { type Clause, parseAccept, routeAccepts } from "./accept.js";

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
  /** JSON is to be laid out for a reader. */
  readonly pretty?: boolean;
}

const MEDIA: readonly MediaType[] = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const TRANSFORMS: ReadonlySet<string> = new Set(["Table", "PartialObjectMetadata", "PartialObjectMetadataList"]);

/** What an endpoint can do. */
export interface Restrictions {
  /** Watches are among its answers. */
  readonly watchable?: boolean;
  /** false where there is no Table and the like: errors and discovery. */
  readonly transforms?: boolean;
  /** false where there is metadata alone, but no Table: what is posted below an object. */
  readonly tables?: boolean;
  /** false where no router has looked at the types before: what the aggregator answers itself. */
  readonly routed?: boolean;
  /** false where objects have no protobuf form (custom resources); what they are transformed into has one. */
  readonly protobuf?: boolean;
}

const cache = new Map<string, Accepted | null>();
const STREAMS = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

/** What the router says to a request for types that no handler of the path makes. Source: go-restful RouterJSR311.detectRoute. */
export const notRouted = (produces: readonly string[]): ApiError =>
  custom(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${produces.join(", ")}`, {});

/**
 * Negotiates an answer. 406 when nothing fits: in the router's words where no clause names a type the path has, in the negotiator's where parameters are what does
 * not fit. Source: negotiation.NegotiateMediaTypeOptions.
 */
export function negotiate(header: string | undefined, options: Restrictions = {}): Accepted {
  if (!header) return { mediaType: "application/json" };
  const key = `${options.transforms !== false}${options.protobuf !== false}${options.tables !== false}${header}`;
  let accepted = cache.get(key);
  if (accepted === undefined) {
    accepted = find(header, options) ?? null;
    if (cache.size < 256) cache.set(key, accepted);
  }
  const produces = options.watchable ? [...MEDIA, ...STREAMS] : MEDIA;
  if (options.routed !== false && !routeAccepts(header, produces)) throw notRouted(produces);
  if (!accepted) throw notAcceptable(MEDIA);
  return accepted;
}

/** The first of our types that a clause fits. */
function matchAny({ type, subtype }: Clause): readonly MediaType[] {
  if (type === "*" && subtype === "*") return MEDIA;
  return MEDIA.filter((media) => {
    const [mediaType, mediaSubtype] = media.split("/");
    return type === mediaType && (subtype === mediaSubtype || subtype === "*");
  });
}

/** Source: negotiation.acceptMediaTypeOptions, RequestScope.AllowsMediaTypeTransform: a Table is JSON or YAML. */
function find(header: string, { transforms = true, protobuf = true, tables = true }: Restrictions): Accepted | undefined {
  for (const clause of parseAccept(header)) {
    for (const mediaType of matchAny(clause)) {
      const { as, g, v, stream, sv } = clause.params;
      const isProtobuf = mediaType === "application/vnd.kubernetes.protobuf";
      if (sv || (stream && (stream !== "watch" || mediaType === "application/yaml"))) continue;
      const pretty = clause.params.pretty === "1" ? { pretty: true } : {};
      if (as === undefined && g === undefined && v === undefined) {
        if (isProtobuf && !protobuf) continue;
        return { mediaType, ...pretty };
      }
      if (!transforms || ((isProtobuf || !tables) && as === "Table")) continue;
      if (as !== undefined && TRANSFORMS.has(as) && g === "meta.k8s.io" && (v === "v1" || v === "v1beta1"))
        return { mediaType, as: as as Transform, version: v, ...pretty };
    }
  }
  return undefined;
}

/**
 * The form a client would rather have the aggregated discovery document in, undefined when it would rather have the plain one, or none that there is.
 * v2beta1 is gone (AggregatedDiscoveryRemoveBetaType). Source: apiserver pkg/endpoints/discovery/aggregated WrappedHandler.
 */
export function negotiateAggregated(header: string | undefined): Accepted | undefined {
  if (!header?.includes("APIGroupDiscoveryList")) return undefined;
  for (const clause of parseAccept(header)) {
    const [mediaType] = matchAny(clause);
    if (!mediaType) continue;
    const { as, g, v } = clause.params;
    if (as === "APIGroupDiscoveryList" && g === "apidiscovery.k8s.io" && v === "v2")
      return { mediaType, parameters: ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
  }
  return undefined;
}
