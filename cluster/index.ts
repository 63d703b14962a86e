/** The library: `import { startCluster } from "mockube"`. */

export { ApiError, type Client, type Informers, type ResourceClient, type ResourceRef } from "../client/index.js";
export { type ManualClock, manualClock, systemClock } from "../controllers/runtime/clock.js";
export type { Clock, Log } from "../controllers/runtime/types.js";
export type { KubeObject } from "../kinds/object.js";
export { AUTHORIZATION_MODES, type AuthorizationMode, type ClusterOptions, ENVIRONMENTS, PACES } from "./options.js";
export { type Cluster, startCluster } from "./start.js";
export type { Explanation, Reason, Why, WhyOptions } from "./why.js";
