// Generated from facts.json (Kubernetes v1.36.3) by scripts/facts/types.mjs. Do not edit.
import type * as metaV1 from "./meta.v1.js";

export interface PartialObjectMetadataList {
  kind?: string;
  apiVersion?: string;
  metadata?: metaV1.ListMeta;
  items: metaV1.PartialObjectMetadata[];
}
