import supertest from "supertest";
import https from "node:https";
import { type Cluster, type ClusterOptions, startCluster } from "../../cluster/index.js";
import { Api, type Doc } from "./http.js";

/** One agent per cluster: connections are kept, certificates are checked. */
export interface Wired {
  readonly cluster: Cluster;
  readonly api: Api;
  /** A request of supertest as the admin; headers can be set again. */
  request(method: "get" | "post" | "put" | "patch" | "delete" | "head" | "options", path: string): supertest.Test;
  stop(): Promise<void>;
}

/** A cluster in memory with two ways to speak to it: supertest, and `Api` for what streams. */
export async function wire(options: ClusterOptions = {}): Promise<Wired> {
  const cluster = await startCluster({ dnsPort: false, ...options });
  const api = new Api(cluster.url, cluster);
  const agent = new https.Agent({ keepAlive: true, ca: cluster.ca });
  const speak = supertest(cluster.url);
  return {
    cluster,
    api,
    request: (method, path) =>
      speak[method](path)
        .agent(agent)
        .set("authorization", `Bearer ${cluster.token}`)
        .set("user-agent", "wire-test/1.0")
        .ok(() => true),
    stop: async () => {
      agent.destroy();
      api.close();
      await cluster.stop();
    },
  };
}

/** Repeats `read` until `holds` of what it gives; the event loop turns in between. Throws with the last value after `within` milliseconds. */
export async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean, within = 10_000): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`it did not come to hold: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A document without what differs from run to run: uids, times, revisions, managedFields. */
export function stable(value: Doc): Doc {
  if (Array.isArray(value)) return value.map(stable);
  if (value === null || typeof value !== "object") return value;
  const out: Record<string, Doc> = {};
  for (const [key, item] of Object.entries(value)) {
    if (["uid", "creationTimestamp", "resourceVersion", "managedFields", "deletionTimestamp"].includes(key) && typeof item !== "undefined") {
      if (key === "managedFields") continue;
      out[key] = key.toUpperCase();
    } else out[key] = stable(item);
  }
  return out;
}
