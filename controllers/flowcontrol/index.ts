import type { ResourceClient, ResourceRef } from "../../client/client.js";
import { danglingCondition } from "../../kinds/flowcontrol/dangling.js";
import type { KubeObject } from "../../kinds/object.js";
import { isAlreadyExists, isConflict, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { planUpkeep } from "./plan.js";

const GROUP = "flowcontrol.apiserver.k8s.io";
const SCHEMAS: ResourceRef = { group: GROUP, version: "v1", resource: "flowschemas" };
const LEVELS: ResourceRef = { group: GROUP, version: "v1", resource: "prioritylevelconfigurations" };
const PRODUCER = "api-priority-and-fairness-config-producer-v1";
const CONSUMER = "api-priority-and-fairness-config-consumer-v1";
const UPKEEP_MS = 60_000;
/** Keys are names of schemas; no name is empty. */
const UPKEEP = "";

/**
 * Says of each flow schema whether its priority level is there, and sees to it once a minute that the server's own objects are as they should be.
 * Sources: apiserver pkg/util/flowcontrol/apf_controller.go, pkg/registry/flowcontrol/rest.
 */
export const flowControlController: Controller = {
  name: "api-priority-and-fairness",
  start(ctx: ControllerContext): Running {
    const schemas = ctx.informers.informer(SCHEMAS);
    const levels = ctx.informers.informer(LEVELS);
    const consumer = ctx.client.as("system:apiserver", CONSUMER).resource(SCHEMAS);
    const producer = ctx.client.as("system:apiserver", PRODUCER);

    async function judge(name: string): Promise<void> {
      const schema = schemas.get("", name);
      if (!schema) return;
      const condition = danglingCondition(schema, levels.get("", schema.spec?.priorityLevelConfiguration?.name ?? "") !== undefined, ctx.clock.now());
      if (schema.status?.conditions?.includes(condition)) return;
      const patch = { apiVersion: `${GROUP}/v1`, kind: "FlowSchema", metadata: { name }, status: { conditions: [condition] } };
      await consumer.patch("", name, "application/apply-patch+yaml", patch, { subresource: "status", force: true }).catch(unless(isNotFound));
    }

    async function keepUp(client: ResourceClient, kind: "FlowSchema" | "PriorityLevelConfiguration", objects: readonly KubeObject[]): Promise<void> {
      for (const step of planUpkeep(kind, objects)) {
        if (step.action === "create") await client.create("", step.object).catch(unless(isAlreadyExists));
        else if (step.action === "update") await client.update("", step.object).catch(unless((e) => isConflict(e) || isNotFound(e)));
        else await client.delete("", step.name).catch(unless(isNotFound));
      }
    }

    const queue = createQueue(ctx, {
      name: "api-priority-and-fairness",
      reconcile: async (key) => {
        if (key !== UPKEEP) return judge(key);
        await keepUp(producer.resource(LEVELS), "PriorityLevelConfiguration", levels.list());
        await keepUp(producer.resource(SCHEMAS), "FlowSchema", schemas.list());
        return { requeueAfterMs: UPKEEP_MS, periodic: "periodic" };
      },
    });
    const look = ({ metadata }: KubeObject): void => queue.add(metadata.name ?? "");
    const ofLevel = ({ metadata }: KubeObject): void => {
      for (const schema of schemas.list()) if (schema.spec?.priorityLevelConfiguration?.name === metadata.name) look(schema);
    };
    const stops = [schemas.handle({ add: look, update: look }), levels.handle({ add: ofLevel, delete: ofLevel })];
    queue.add(UPKEEP);
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};

/** A handler that lets an error pass. */
const unless = (passes: (error: unknown) => boolean) => (error: unknown) => {
  if (!passes(error)) throw error;
};
