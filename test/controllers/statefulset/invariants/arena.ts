/** One StatefulSet over the real pipeline and store, its pods' kubelet and the garbage collector in the test's hands, and the rules asked after every step. */
import { createClient, createInformers } from "../../../../client/index.js";
import { createContext, silentLog } from "../../../../controllers/runtime/context.js";
import { timestamp } from "../../../../controllers/runtime/time.js";
import { statefulSetController } from "../../../../controllers/statefulset/index.js";
import { storagePrefix } from "../../../../kinds/kind.js";
import type { KubeObject } from "../../../../kinds/object.js";
import { objectOf } from "../../../../server/pipeline/objects.js";
import { type World, world } from "../../../pipeline/world.js";
import { type Fault, type Write, watched } from "./faults.js";
import { complete, isReady, judge, standing, type View } from "./rules.js";

/** An image that never starts. */
export const BROKEN = "broken";
type Resource = "pods" | "persistentvolumeclaims" | "controllerrevisions" | "statefulsets";
/** Retries in a row that change nothing, after which the set is at rest for good: a name that a stranger holds is tried for ever. */
const PATIENCE = 8;

interface Incarnation {
  dead: boolean;
  stop(): void;
  idle(): Promise<void>;
}

/** Something the kubelet or the garbage collector has to do. */
interface Task {
  readonly what: string;
  run(): Promise<unknown>;
}

export class Arena {
  /** Things that happened, after each of which the rules were asked: what users, kubelet, collector and clock did, and each write of the controller. */
  steps = 0;
  /** Writes of the controller so far, failed ones too. */
  writes = 0;
  /** Decides how a write fails. */
  fault: (write: Write, index: number) => Fault | undefined = () => undefined;
  private readonly history: string[] = [];
  private readonly complaints: string[] = [];
  /** Claims by name, as they were first seen; the collector strikes out what it takes. */
  private readonly ledger = new Map<string, string | undefined>();
  private lives = 0;

  private constructor(
    private at: World,
    private running: Incarnation,
  ) {}

  static async open(options: { readonly file?: string } = {}): Promise<Arena> {
    const arena = new Arena(await world(options), { dead: true, stop() {}, idle: async () => {} });
    arena.running = arena.begin();
    return arena;
  }

  get now(): number {
    return this.at.clock.now();
  }
  get set(): KubeObject | undefined {
    return this.list("statefulsets")[0];
  }
  list(resource: Resource): readonly KubeObject[] {
    const kind = this.at.target(resource).kind;
    return this.at.store.list(`${storagePrefix(kind)}default/`).entries.map((entry) => objectOf(entry, kind));
  }
  pod(name: string): KubeObject | undefined {
    return this.list("pods").find((pod) => pod.metadata.name === name);
  }

  /** Does something, lets the controller come to rest, and asks the rules. */
  async step(what: string, run: (world: World) => unknown): Promise<void> {
    this.history.push(what);
    if (this.steps > 5_000) throw this.failure("no end");
    this.steps++;
    await run(this.at);
    await this.settle();
    this.ask(standing(this.view()));
    this.remember();
    if (this.complaints.length > 0) throw this.failure(this.complaints.join("\n"));
  }

  /** Plays kubelet, collector and clock until nothing is left to do; `between` comes before each step. */
  async converge(between?: () => Promise<void>): Promise<void> {
    await this.step("look", () => {});
    for (let idle = 0; ; ) {
      await between?.();
      const task = this.tasks()[0];
      if (task) {
        idle = 0;
        await this.step(task.what, task.run);
        continue;
      }
      const next = this.at.clock.next();
      if (next === undefined || idle++ > PATIENCE) return;
      const before = this.versions();
      await this.step("time passes", () => this.at.clock.advance(Math.max(next - this.now, 1)));
      if (this.versions() !== before) idle = 0;
    }
  }

  /** Time goes on. */
  async pass(ms: number): Promise<void> {
    await this.step(`${ms} ms pass`, (world) => world.clock.advance(ms));
  }

  /** What kubelet and collector may do now. */
  tasks(): Task[] {
    const { set, pods, claims } = this.view();
    const tasks: Task[] = [];
    const uids = new Set([...pods, ...(set ? [set] : [])].map((object) => object.metadata.uid));
    const orphaned = (object: KubeObject): boolean => {
      const refs = object.metadata.ownerReferences ?? [];
      return refs.length > 0 && refs.every((ref) => !uids.has(ref.uid));
    };
    for (const pod of pods) {
      const name = pod.metadata.name ?? "";
      const task = (what: string, run: () => Promise<unknown>): void => void tasks.push({ what: `${name} ${what}`, run });
      if (pod.metadata.deletionTimestamp) task("ends", () => this.at.remove(`pods/${name}`, { gracePeriodSeconds: 0 }));
      else if (orphaned(pod)) task("is collected", () => this.at.remove(`pods/${name}`, { gracePeriodSeconds: 0 }));
      else if (pod.status.phase === "Pending" && pod.spec.containers[0].image !== BROKEN) task("starts", () => this.report(name, "Running", true));
      else if (pod.status.phase === "Running" && !isReady(pod)) task("is Ready again", () => this.report(name, "Running", true));
    }
    for (const claim of claims) {
      const name = claim.metadata.name ?? "";
      if (!claim.metadata.deletionTimestamp && !orphaned(claim)) continue;
      if (claim.metadata.deletionTimestamp && this.mounted(name)) continue;
      tasks.push({ what: `${name} is collected`, run: () => this.collect(name) });
    }
    for (const revision of this.list("controllerrevisions")) {
      const name = revision.metadata.name ?? "";
      if (orphaned(revision)) tasks.push({ what: `${name} is collected`, run: () => this.at.remove(`controllerrevisions/${name}`) });
    }
    return tasks;
  }

  /** A kubelet's news of a pod. */
  async report(name: string, phase: string, ready: boolean): Promise<void> {
    const pod = this.at.get(`pods/${name}`);
    const conditions = [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: timestamp(this.now) }];
    await this.at.put(`pods/${name}/status`, { ...pod, status: { ...pod.status, phase, conditions } });
  }

  /** Another controller takes over from what the store holds. At rest it has nothing to write. */
  async restart(): Promise<void> {
    const before = this.at.store.revision;
    const quiet = this.at.clock.next() === undefined;
    await this.step("the controller is started again", () => {
      this.running.stop();
      this.running = this.begin();
    });
    if (quiet && this.at.store.revision !== before) throw this.failure("writes after nothing changed");
  }

  /** Store and controller are gone, others go on from a file as it was left. */
  async reopen(file: string): Promise<void> {
    this.running.stop();
    await this.running.idle();
    await this.at.store.close();
    this.at = await world({ file, clock: this.at.clock, seed: 1000 + this.lives });
    this.running = this.begin();
    await this.step("everything is started again", () => {});
  }

  async close(): Promise<void> {
    this.running.stop();
    await this.running.idle();
    await this.at.store.close();
  }

  /** Throws unless the set is as its spec wants it and nothing is left to write. */
  async expectComplete(): Promise<void> {
    this.ask(complete(this.view()));
    await this.step("at the end", () => {});
    await this.restart();
  }

  /** What the end of two runs is compared by: all but uids and times. */
  outcome(): unknown {
    const refs = (o: KubeObject) => (o.metadata.ownerReferences ?? []).map((r) => `${r.kind}/${r.name}`);
    const { set, pods, claims } = this.view();
    return {
      status: set?.status,
      spec: set?.spec,
      pods: pods.map((p) => [p.metadata.name, p.metadata.labels, p.spec.containers[0].image, p.status.phase, isReady(p), refs(p)]),
      claims: claims.map((c) => [c.metadata.name, c.metadata.labels, refs(c)]),
      revisions: this.list("controllerrevisions").map((r) => [r.metadata.name, r.revision, refs(r)]),
    };
  }

  view(): View {
    return { now: this.now, set: this.set, pods: this.list("pods"), claims: this.list("persistentvolumeclaims") };
  }

  /** Changes when anything but an Event does. */
  private versions(): string {
    const { set, pods, claims } = this.view();
    return [set, ...pods, ...claims, ...this.list("controllerrevisions")].map((object) => object?.metadata.resourceVersion).join();
  }

  private begin(): Incarnation {
    const { services, clock } = this.at;
    const informers = createInformers(services);
    const life: Incarnation = {
      dead: false,
      stop() {
        life.dead = true;
        running.stop();
        informers.stop();
      },
      idle: () => context.activity.idle(),
    };
    this.lives++;
    const client = watched(createClient(services), {
      before: (write) => this.witness(write),
      crash: () => life.stop(),
      get dead() {
        return life.dead;
      },
    });
    const context = createContext({ client, informers, clock, log: silentLog, random: () => services.random() });
    const running = statefulSetController.start(context);
    return life;
  }

  private async settle(): Promise<void> {
    for (;;) {
      await this.running.idle();
      if (!this.running.dead) return;
      this.history.push("the controller died and is started again");
      this.running = this.begin();
    }
  }

  private witness(write: Write): Fault | undefined {
    this.steps++;
    const fault = this.fault(write, this.writes++);
    this.history.push(`  controller: ${write.verb} ${write.resource} ${write.name} ${write.subresource}${fault ? ` (${fault})` : ""}`);
    const view = this.view();
    this.ask([...judge(write, view), ...standing(view)]);
    return fault;
  }

  private failure(what: string): Error {
    return new Error(`${what}\nafter:\n  ${this.history.slice(-40).join("\n  ")}`);
  }

  private ask(said: readonly string[]): void {
    this.complaints.push(...said);
  }

  /** Claims are never others than they were, unless the collector took them as their owners bade it. */
  private remember(): void {
    const there = new Map(this.list("persistentvolumeclaims").map((c) => [c.metadata.name ?? "", c.metadata.uid]));
    for (const [name, uid] of this.ledger) if (there.get(name) !== uid) this.ask([`the claim ${name} is not the one it was`]);
    for (const [name, uid] of there) this.ledger.set(name, uid);
  }

  private async collect(name: string): Promise<void> {
    this.ledger.delete(name);
    const path = `persistentvolumeclaims/${name}`;
    if (!this.at.get(path).metadata.deletionTimestamp) await this.at.remove(path);
    if (this.at.has(path) && !this.mounted(name)) await this.at.patch(path, { metadata: { finalizers: null } });
  }

  /** Whether a pod has the claim among its volumes. */
  private mounted(claim: string): boolean {
    return this.list("pods").some((pod) => (pod.spec.volumes ?? []).some((v: KubeObject) => v.persistentVolumeClaim?.claimName === claim));
  }
}
