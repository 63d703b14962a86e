/** What users do to a set, one thing at a time; between two of them all comes to rest. */
import type { World } from "../../../pipeline/world.js";
import { type Arena, BROKEN } from "./arena.js";

export interface Setting {
  readonly management: "OrderedReady" | "Parallel";
  readonly strategy: keyof typeof STRATEGIES;
}

export const STRATEGIES = {
  RollingUpdate: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
  partition: { type: "RollingUpdate", rollingUpdate: { partition: 2 } },
  OnDelete: { type: "OnDelete" },
} as const;

export const SETTINGS: readonly Setting[] = (["OrderedReady", "Parallel"] as const).flatMap((management) =>
  (Object.keys(STRATEGIES) as Setting["strategy"][]).map((strategy) => ({ management, strategy })),
);

export type Deed = readonly [what: string, run: (world: World, arena: Arena) => unknown];

export const template = (image: string) => ({
  metadata: { labels: { app: "web" } },
  // bound from birth, so that a deletion is graceful
  spec: { nodeName: "node", containers: [{ name: "c", image }] },
});

export const create = (setting: Setting, spec: object = {}): Deed => [
  "create",
  (w) =>
    w.create("statefulsets/web", {
      spec: {
        replicas: 3,
        serviceName: "nginx",
        selector: { matchLabels: { app: "web" } },
        template: template("nginx:1"),
        podManagementPolicy: setting.management,
        updateStrategy: STRATEGIES[setting.strategy],
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
        ...spec,
      },
    }),
];
export const change = (what: string, spec: object): Deed => [what, (w) => w.patch("statefulsets/web", { spec })];
export const scale = (replicas: number): Deed => change(`scale to ${replicas}`, { replicas });
export const image = (value: string): Deed => change(`image ${value}`, { template: template(value) });
export const retention = (whenDeleted: string, whenScaled: string): Deed =>
  change(`retention ${whenDeleted}/${whenScaled}`, { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
const drop = (name: string): Deed => [`delete ${name} by hand`, (w) => w.has(`pods/${name}`) && w.remove(`pods/${name}`)];
const ends = (name: string, phase: string): Deed => [`${name} ${phase}`, (_, arena) => arena.report(name, phase, false)];
const label = (name: string, app: string): Deed => [`${name} is labelled ${app}`, (w) => w.patch(`pods/${name}`, { metadata: { labels: { app } } })];
const orphan = (name: string): Deed => [`${name} loses its owner`, (w) => w.patch(`pods/${name}`, { metadata: { ownerReferences: null } })];
const remove = (): Deed => ["delete the set", (w) => w.remove("statefulsets/web")];

type Scenario = (setting: Setting) => readonly Deed[];

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "scaling out and in": (s) => [create(s), scale(5), scale(1), scale(3), scale(0), scale(2)],
  "an update and the way back": (s) => [create(s), image("nginx:2"), image("nginx:1"), scale(4)],
  "pods deleted by hand while a partition holds an update back": (s) => [create(s), image("nginx:2"), drop("web-0"), drop("web-1"), drop("web-2")],
  "a partition that goes down": (s) => [
    create(s),
    image("nginx:2"),
    change("partition 1", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } }),
    drop("web-0"),
    change("partition 0", { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } } }),
  ],
  "a bad image, taken back": (s) => [create(s), image(BROKEN), scale(4), image("nginx:1"), drop("web-2"), drop("web-1"), drop("web-0"), drop("web-3")],
  "pods that end": (s) => [create(s), ends("web-1", "Failed"), ends("web-0", "Succeeded"), image("nginx:2"), ends("web-2", "Failed")],
  minReadySeconds: (s) => [create(s, { minReadySeconds: 10 }), image("nginx:2"), scale(4), scale(1)],
  "ordinals.start": (s) => [create(s, { ordinals: { start: 2 } }), change("start 1", { ordinals: { start: 1 } }), image("nginx:2"), scale(2)],
  "claims kept": (s) => [create(s), scale(1), scale(3), remove(), create(s)],
  "claims that go when scaled": (s) => [create(s), retention("Retain", "Delete"), scale(1), scale(3), remove(), create(s)],
  "claims that go with the set": (s) => [create(s), retention("Delete", "Retain"), scale(1), scale(3), remove(), create(s)],
  "claims that always go": (s) => [create(s), retention("Delete", "Delete"), scale(1), scale(3), retention("Retain", "Retain"), scale(2), remove(), create(s)],
  "letting go and taking in": (s) => [create(s), label("web-1", "other"), label("web-1", "web"), orphan("web-0"), label("web-2", "other"), drop("web-2")],
  history: (s) => [create(s, { revisionHistoryLimit: 1 }), image("nginx:2"), image("nginx:3"), image("nginx:4"), image("nginx:2"), scale(1)],
};

/** Does the deeds, with rest after each; `between` comes before each step. */
export async function perform(arena: Arena, deeds: readonly Deed[], between?: () => Promise<void>): Promise<void> {
  for (const [what, run] of deeds) {
    await arena.step(what, (world) => run(world, arena));
    await arena.converge(between);
  }
}
