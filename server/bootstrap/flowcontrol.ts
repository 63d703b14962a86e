import { AUTOUPDATE, MANDATORY_LEVELS, MANDATORY_SCHEMAS, SUGGESTED_LEVELS, SUGGESTED_SCHEMAS } from "../../kinds/flowcontrol/bootstrap.js";
import { danglingCondition } from "../../kinds/flowcontrol/dangling.js";
import { flowSchema } from "../../kinds/flowcontrol/flowschema/index.js";
import { priorityLevelConfiguration } from "../../kinds/flowcontrol/prioritylevelconfiguration/index.js";
import { type Kind, storageKey } from "../../kinds/kind.js";
import type { KubeObject } from "../../kinds/object.js";
import { seed, seedManager, seedMetadata } from "../pipeline/seed.js";
import type { Services } from "../pipeline/types.js";

const API_VERSION = "flowcontrol.apiserver.k8s.io/v1";
const PRODUCER = "api-priority-and-fairness-config-producer-v1";
const CONSUMER = "api-priority-and-fairness-config-consumer-v1";
const CONDITION = 'f:status f:conditions k:{"type":"Dangling"}';

/** The flow schemas and priority levels of a new cluster, with what their controller would say about them. Source: pkg/registry/flowcontrol/rest. */
export async function ensureFlowControl(services: Services): Promise<void> {
  const write = (kind: Kind, objects: Readonly<Record<string, object>>): Promise<unknown>[] =>
    Object.entries(objects).map(([name, spec]) => seed(services, storageKey(kind, "", name), bootstrapObject(services, kind, name, spec)));
  await Promise.all([
    ...write(priorityLevelConfiguration, SUGGESTED_LEVELS),
    ...write(priorityLevelConfiguration, MANDATORY_LEVELS),
    ...write(flowSchema, SUGGESTED_SCHEMAS),
    ...write(flowSchema, MANDATORY_SCHEMAS),
  ]);
}

/** Owned fields of a spec: members of structs, lists as a whole. */
function paths(value: unknown, at: string, structs: readonly string[]): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [at];
  const members = Object.entries(value).flatMap(([field, v]) => paths(v, `${at} f:${field}`, structs));
  // a struct that may be absent is owned itself
  return structs.some((field) => at.endsWith(` f:${field}`)) ? [`${at} .`, ...members] : members;
}
const OPTIONAL_STRUCTS = ["distinguisherMethod", "limited", "exempt", "limitResponse", "queuing"];

function bootstrapObject(services: Services, kind: Kind, name: string, spec: object): KubeObject {
  const own = ["f:metadata f:annotations .", `f:metadata f:annotations f:${AUTOUPDATE}`, ...paths(spec, "f:spec", OPTIONAL_STRUCTS)];
  const managedFields = [seedManager(services, PRODUCER, API_VERSION, own)];
  const metadata = seedMetadata(services, name, { generation: 1, annotations: { [AUTOUPDATE]: "true" } });
  if (kind !== flowSchema) return { metadata: { ...metadata, managedFields }, spec, status: {} };
  const fields = [`${CONDITION} .`, ...["lastTransitionTime", "message", "reason", "status", "type"].map((f) => `${CONDITION} f:${f}`)];
  managedFields.unshift(seedManager(services, CONSUMER, API_VERSION, fields, "Apply"));
  const object: KubeObject = { metadata: { ...metadata, managedFields }, spec };
  return { ...object, status: { conditions: [danglingCondition(object, true, services.now())] } };
}
