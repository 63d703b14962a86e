/** What the scheduler knows of CSI drivers: their objects, the storage they tell of, the nodes they run on, and what is attached; and whom a change of it wakes. */
import type { Informers } from "../../client/client.js";
import { type CapacityFacts, type CSIDriver, type CSIStorageCapacity, volumeLimit } from "./capacity.js";
import type { Plugin } from "./filters.js";
import { type CSINode, type LimitFacts, type VolumeAttachment, volumeLimits } from "./limits.js";

const storage = (resource: string) => ({ group: "storage.k8s.io", version: "v1", resource });
const BY_CLASS = "scheduler.class";
const BY_NODE = "scheduler.node";
const MIGRATED_PLUGINS = "storage.alpha.kubernetes.io/migrated-plugins";

const LIMITS: ReadonlySet<Plugin> = new Set<Plugin>(["NodeVolumeLimits"]);
const BINDING: ReadonlySet<Plugin> = new Set<Plugin>(["VolumeBinding"]);
const BOTH: ReadonlySet<Plugin> = new Set<Plugin>(["NodeVolumeLimits", "VolumeBinding"]);

/** Some driver takes more volumes than before; one that told no number counts as having told 0. */
const raised = (now: CSINode, old: CSINode): boolean => {
  const before = volumeLimits(old);
  return [...volumeLimits(now)].some(([driver, limit]) => limit > (before.get(driver) ?? 0));
};

export interface CsiWatch {
  readonly facts: CapacityFacts & LimitFacts;
  readonly stops: readonly (() => void)[];
}

/**
 * Begins to watch; `moved` gets the plugins whose verdict may be another now. A driver that stops asking for capacities wakes nobody who waits with a claim: upstream's hint
 * looks at inline volumes only (isSchedulableAfterCSIDriverChange).
 */
export function watchCsi(informers: Informers, moved: (plugins: ReadonlySet<Plugin>) => void): CsiWatch {
  const drivers = informers.informer<CSIDriver>(storage("csidrivers"));
  const capacities = informers.informer<CSIStorageCapacity>(storage("csistoragecapacities"));
  const nodes = informers.informer<CSINode>(storage("csinodes"));
  const attachments = informers.informer<VolumeAttachment>(storage("volumeattachments"));
  capacities.addIndex(BY_CLASS, (capacity) => [capacity.storageClassName]);
  attachments.addIndex(BY_NODE, (attachment) => [attachment.spec.nodeName]);
  return {
    facts: {
      driver: (name) => drivers.get("", name),
      capacities: (className) => capacities.byIndex(BY_CLASS, className),
      csiNode: (name) => nodes.get("", name),
      attachments: (node) => attachments.byIndex(BY_NODE, node),
    },
    stops: [
      capacities.handle({
        add: () => moved(BINDING),
        update: (now, old) => (volumeLimit(now) ?? -1) > (volumeLimit(old) ?? -1) && moved(BINDING),
      }),
      nodes.handle({
        add: () => moved(BOTH),
        update(now, old) {
          if (raised(now, old)) moved(LIMITS);
          if (now.metadata.annotations?.[MIGRATED_PLUGINS] !== old.metadata.annotations?.[MIGRATED_PLUGINS]) moved(BINDING);
        },
      }),
      attachments.handle({ delete: () => moved(LIMITS) }),
    ],
  };
}
