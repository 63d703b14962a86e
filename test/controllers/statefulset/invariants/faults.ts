/** A client that can fail: as an API server that refuses, that does what it is asked and does not say so, or whose caller dies. */
import type { Client, ResourceClient, ResourceRef } from "../../../../client/client.js";
import type { KubeObject } from "../../../../kinds/object.js";
import { conflict, internalError, OPTIMISTIC_LOCK, timeout } from "../../../../server/errors.js";

export const FAULTS = ["conflict", "timeout", "error", "restart before", "restart after"] as const;
export type Fault = (typeof FAULTS)[number];

/** One write of the controller, Events aside; `object` is what it would leave. */
export interface Write {
  readonly verb: "create" | "update" | "delete" | "patch";
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly object?: KubeObject;
}

export interface Watchman {
  /** Called before each write; says how it is to fail, if it is. */
  before(write: Write): Fault | undefined;
  /** The controller dies where it stands. */
  crash(): void;
  readonly dead: boolean;
}

class Dead extends Error {}

/** `client` under a watchman's eyes. */
export function watched(client: Client, man: Watchman): Client {
  return {
    as: (user, manager) => watched(client.as(user, manager), man),
    resource: <T extends KubeObject>(ref: ResourceRef) => guard(client.resource(ref), ref, man) as unknown as ResourceClient<T>,
  };
}

function guard(inner: ResourceClient, ref: ResourceRef, man: Watchman): ResourceClient {
  if (ref.resource === "events") return inner;
  const perform = async <T>(write: Write, run: () => Promise<T>): Promise<T> => {
    if (man.dead) throw new Dead("the controller is no more");
    const fault = man.before(write);
    if (fault === "conflict") throw conflict(ref, write.name, OPTIMISTIC_LOCK);
    if (fault === "error") throw internalError("injected");
    if (fault === "restart before") {
      man.crash();
      throw new Dead("died before the write");
    }
    const result = await run();
    if (fault === "timeout") throw timeout("Timeout: request did not complete within the allotted timeout");
    if (fault === "restart after") man.crash();
    if (man.dead) throw new Dead("died before the answer");
    return result;
  };
  const write = (verb: Write["verb"], name: string | undefined, object?: KubeObject, subresource = ""): Write => ({
    verb,
    resource: ref.resource,
    name: name ?? "",
    subresource,
    object,
  });
  return {
    ...inner,
    create: (namespace, object, options) => perform(write("create", object.metadata.name, object), () => inner.create(namespace, object, options)),
    update: (namespace, object, options) => perform(write("update", object.metadata.name, object), () => inner.update(namespace, object, options)),
    updateStatus: (namespace, object, options) =>
      perform(write("update", object.metadata.name, object, "status"), () => inner.updateStatus(namespace, object, options)),
    modify: async (namespace, name, change, options) => {
      const next = change(await inner.get(namespace, name));
      if (!next) return inner.get(namespace, name);
      return perform(write("update", name, next, options?.subresource), () => inner.modify(namespace, name, change, options));
    },
    patch: (namespace, name, type, patch, options) =>
      perform(write("patch", name, undefined, options?.subresource), () => inner.patch(namespace, name, type, patch, options)),
    delete: (namespace, name, options) => perform(write("delete", name), () => inner.delete(namespace, name, options)),
  };
}
