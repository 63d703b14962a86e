/**
 * Keeps the usage that quotas tell: admission charges what is made, this gives back what goes, counts what was there before, and corrects what went astray.
 * Source: pkg/controller/resourcequota.
 */
import { calculateUsage, changesCharge, type Evaluator, evaluatorOf, type QuotaFacts } from "../../kinds/core/resourcequota/usage/index.js";
import { equalLists } from "../../kinds/resourcelist.js";
import { type KubeObject, keyOf, PODS, RESOURCE_QUOTAS, type ResourceQuota, splitKey } from "../runtime/api.js";
import { controllerClient } from "../runtime/context.js";
import { isConflict, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { ServedResource, ServedResources } from "../runtime/served.js";
import type { Controller, ControllerContext, Reconcile, Running, Timer } from "../runtime/types.js";
import { isComplete, plan } from "./plan.js";

/** --resource-quota-sync-period: pods that are stuck on their way out stop counting without anything being written. */
const FULL_RESYNC_MS = 5 * 60_000;
/** A count costs the same after one change as after a hundred. */
const PATIENCE_MS = 50;

/** `served`: what there is to be counted. */
export function createResourceQuotaController(served: ServedResources): Controller {
  return { name: "resourcequota-controller", start: (ctx) => new Quotas(ctx, served) };
}

interface Counted {
  readonly resource: ServedResource;
  readonly evaluator: Evaluator;
}

class Quotas implements Running {
  private readonly quotas;
  private readonly client;
  private readonly queue;
  private readonly handlers: (() => void)[] = [];
  /** Resources that some quota is about, whose objects are followed. */
  private readonly followed = new Set<string>();
  private resync: Timer | undefined;

  constructor(
    private readonly ctx: ControllerContext,
    private readonly served: ServedResources,
  ) {
    this.quotas = ctx.informers.informer<ResourceQuota>(RESOURCE_QUOTAS);
    this.client = controllerClient(ctx.client, "resourcequota-controller").resource<ResourceQuota>(RESOURCE_QUOTAS);
    this.queue = createQueue(ctx, {
      name: "resourcequota",
      workers: 5,
      patienceMs: PATIENCE_MS,
      patient: (key) => {
        const { namespace, name } = splitKey(key);
        const quota = this.quotas.get(namespace, name);
        return quota === undefined || isComplete(quota);
      },
      reconcile: this.reconcile,
    });
    this.handlers.push(
      this.quotas.handle({
        add: (quota) => {
          this.queue.add(keyOf(quota));
          this.armResync();
        },
        // What this controller and admission write is no reason to count again.
        update: (quota, old) => {
          if (!equalLists(quota.spec?.hard, old.spec?.hard)) this.queue.add(keyOf(quota));
        },
      }),
    );
  }

  stop(): void {
    for (const off of this.handlers) off();
    this.ctx.clock.clearTimeout(this.resync);
    this.queue.stop();
  }

  private armResync(): void {
    const resync = (): void => {
      this.resync = undefined;
      const quotas = this.quotas.list();
      for (const quota of quotas) this.queue.add(keyOf(quota));
      if (quotas.length > 0) this.armResync();
    };
    this.resync ??= this.ctx.clock.setTimeout(resync, FULL_RESYNC_MS, "periodic");
  }

  /** Everything namespaced that quotas can be about, each resource once. */
  private counted(): Counted[] {
    const seen = new Set<string>();
    return this.served.list().flatMap((resource) => {
      const id = `${resource.group}/${resource.resource}`;
      const evaluator = resource.namespaced && !seen.has(id) ? evaluatorOf(resource.group, resource.resource) : undefined;
      seen.add(id);
      return evaluator ? [{ resource, evaluator }] : [];
    });
  }

  private readonly list = (group: string, resource: string, namespace?: string): readonly KubeObject[] => {
    const ref = this.served.list().find((r) => r.group === group && r.resource === resource);
    return ref ? this.ctx.informers.informer(ref).list(namespace) : [];
  };

  private facts(): QuotaFacts {
    return {
      now: this.ctx.clock.now(),
      deviceClasses: () => this.list("resource.k8s.io", "deviceclasses"),
      pod: (namespace, name) => this.ctx.informers.informer(PODS).get(namespace, name),
      resourceClaims: (namespace) => this.list("resource.k8s.io", "resourceclaims", namespace),
    };
  }

  private readonly reconcile: Reconcile = async (key) => {
    const { namespace, name } = splitKey(key);
    const quota = this.quotas.get(namespace, name);
    if (!quota) return;
    const facts = this.facts();
    const hard = Object.keys(quota.spec?.hard ?? {});
    const concerned = this.counted().filter(({ evaluator }) => evaluator.matching(hard, facts).length > 0);
    for (const one of concerned) this.follow(one);
    const measured = concerned.map(({ resource, evaluator }) => ({
      evaluator,
      objects: () => this.ctx.informers.informer(resource).list(namespace),
    }));
    const status = plan(quota, calculateUsage(quota.spec ?? {}, measured, facts));
    if (!status) return;
    try {
      // At the version that was counted: what is charged meanwhile must not be lost.
      await this.client.updateStatus(namespace, { ...quota, status });
      // What was made in the turn of this write was charged to nobody if the quota did not know its limits before.
      if (!isComplete(quota)) return { requeueAfterMs: 0 };
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: 0 };
      if (!isNotFound(error)) throw error;
    }
  };

  /** Objects that go, or cost less, give back what they held. */
  private follow({ resource, evaluator }: Counted): void {
    const { group, resource: name } = resource;
    const id = `${group}/${name}`;
    if (this.followed.has(id)) return;
    this.followed.add(id);
    const replenish = (object: KubeObject): void => {
      const facts = this.facts();
      for (const quota of this.quotas.list(object.metadata.namespace))
        if (evaluator.matching(Object.keys(quota.status?.hard ?? {}), facts).length > 0) this.queue.add(keyOf(quota));
    };
    this.handlers.push(
      this.ctx.informers.informer(resource).handle({
        update: (object, old) => {
          if (changesCharge(group, name, object, old, this.ctx.clock.now())) replenish(object);
        },
        delete: replenish,
      }),
    );
  }
}
