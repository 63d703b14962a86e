import { randomBytes } from "node:crypto";
import type { Client } from "../../client/client.js";
import { isDNS1123Subdomain } from "../../kinds/validation/names.js";
import { EVENTS, type Event, type KubeObject } from "./api.js";
import { Correlator } from "./correlator.js";
import { isAlreadyExists, isNamespaceTerminating, isNotFound, messageOf } from "./errors.js";
import { timestamp } from "./time.js";
import type { Activity, Clock, Log, Recorder } from "./types.js";

interface RecorderDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly activity: Activity;
}

/** Who writes a component's Events, and under which field manager. */
function identity(component: string, host: string | undefined): [user: string, manager: string] {
  if (component === "kubelet") return [`system:node:${host ?? ""}`, "kubelet"];
  if (component === "default-scheduler") return ["system:kube-scheduler", "kube-scheduler"];
  // the disruption controller signs its Events with the whole manager's name
  const account = component === "controllermanager" ? "disruption-controller" : component;
  return [`system:serviceaccount:kube-system:${account}`, "kube-controller-manager"];
}

/**
 * The recorders of one cluster, one per component and host. Source: client-go tools/record. Writes are started in the order of the calls and not waited for; writes about the
 * same Event follow each other.
 */
export function createRecorders(deps: RecorderDeps): (component: string, host?: string) => Recorder {
  const made = new Map<string, Recorder>();
  // Names carry the time in nanoseconds; a clock of milliseconds (or one that stands still) must not give two Events one name.
  let last = 0n;
  const nameAt = (involved: string, now: number): string => {
    const ns = BigInt(Math.trunc(now)) * 1_000_000n;
    last = ns > last ? ns : last + 1n;
    const name = `${involved}.${last.toString(16)}`;
    return isDNS1123Subdomain(name).length === 0 ? name : uuid();
  };
  return (component, host) => {
    const id = `${component}\u0000${host ?? ""}`;
    let recorder = made.get(id);
    if (!recorder) {
      recorder = createRecorder(deps, component, host, nameAt);
      made.set(id, recorder);
    }
    return recorder;
  };
}

function createRecorder(deps: RecorderDeps, component: string, host: string | undefined, nameAt: (involved: string, now: number) => string): Recorder {
  const events = deps.client.as(...identity(component, host)).resource<Event>(EVENTS);
  const correlator = new Correlator();
  const inFlight = new Map<string, Promise<void>>();

  const write = async (event: Event, patch: object | undefined): Promise<void> => {
    const namespace = event.metadata.namespace ?? "";
    try {
      if (patch) {
        try {
          await events.patch(namespace, event.metadata.name ?? "", "application/strategic-merge-patch+json", patch);
          return;
        } catch (error) {
          // It may have expired meanwhile: then it is written anew.
          if (!isNotFound(error)) throw error;
        }
      }
      await events.create(namespace, event);
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) {
        deps.log.debug({ component, event: event.metadata.name, error: messageOf(error) }, "the server rejected an event");
      }
    }
  };

  return {
    event(about, type, reason, message, fieldPath) {
      const now = deps.clock.now();
      const event = makeEvent(about, type, reason, message, fieldPath, component, host, now, nameAt(about.metadata.name ?? "", now));
      const result = correlator.correlate(event, now, (involved) => nameAt(involved, now));
      if (!result) return;
      deps.activity.begin();
      const before = inFlight.get(result.key);
      const written = (before ? before.then(() => write(result.event, result.patch)) : write(result.event, result.patch)).then(() => {
        if (inFlight.get(result.key) === written) inFlight.delete(result.key);
        deps.activity.end();
      });
      inFlight.set(result.key, written);
    },
  };
}

function makeEvent(
  about: KubeObject,
  type: string,
  reason: string,
  message: string,
  fieldPath: string | undefined,
  component: string,
  host: string | undefined,
  now: number,
  name: string,
): Event {
  const { metadata } = about;
  return {
    apiVersion: "v1",
    kind: "Event",
    // Events about cluster-scoped objects live in the default namespace.
    metadata: { name, namespace: metadata.namespace || "default" },
    involvedObject: {
      kind: about.kind,
      namespace: metadata.namespace,
      name: metadata.name,
      uid: metadata.uid,
      apiVersion: about.apiVersion,
      resourceVersion: metadata.resourceVersion,
      ...(fieldPath ? { fieldPath } : {}),
    },
    reason,
    message,
    source: { component, ...(host ? { host } : {}) },
    firstTimestamp: timestamp(now),
    lastTimestamp: timestamp(now),
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host ?? "",
  };
}

/** For objects whose own name cannot be part of an Event's. */
function uuid(): string {
  const hex = randomBytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
