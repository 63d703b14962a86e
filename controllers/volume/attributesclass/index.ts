/** Keeps a VolumeAttributesClass while a claim or a volume names it. Source: pkg/controller/volume/vacprotection. */
import { isNotFound } from "../../runtime/errors.js";
import { createQueue } from "../../runtime/queue.js";
import type { Controller } from "../../runtime/types.js";
import { ATTRIBUTES_CLASSES, type AttributesClass, CLAIMS, type PersistentVolume, type PersistentVolumeClaim, VOLUMES } from "../api.js";

const FINALIZER = "kubernetes.io/vac-protection";
const INDEX = "volume.attributesclass";

/** Names of the classes a claim has, had, or shall have. */
export function claimClasses({ spec, status }: Pick<PersistentVolumeClaim, "spec" | "status">): string[] {
  const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName];
  return [...new Set(names.flatMap((name) => name || []))];
}

const volumeClasses = ({ spec }: PersistentVolume): string[] => (spec?.volumeAttributesClassName ? [spec.volumeAttributesClassName] : []);

/** The finalizers a class shall have; undefined when they are right. */
export function planFinalizers(attributesClass: AttributesClass, used: boolean): string[] | undefined {
  const { finalizers = [], deletionTimestamp } = attributesClass.metadata;
  const has = finalizers.includes(FINALIZER);
  if (deletionTimestamp) return has && !used ? finalizers.filter((name) => name !== FINALIZER) : undefined;
  return has ? undefined : [...finalizers, FINALIZER];
}

export const attributesClassProtectionController: Controller = {
  name: "volumeattributesclass-protection-controller",
  start(ctx) {
    const client = ctx.client.as("system:serviceaccount:kube-system:volumeattributesclass-protection-controller", "kube-controller-manager");
    const classes = ctx.informers.informer<AttributesClass>(ATTRIBUTES_CLASSES);
    const claims = ctx.informers.informer<PersistentVolumeClaim>(CLAIMS);
    const volumes = ctx.informers.informer<PersistentVolume>(VOLUMES);
    claims.addIndex(INDEX, claimClasses);
    volumes.addIndex(INDEX, volumeClasses);
    const inUse = (name: string): boolean => claims.byIndex(INDEX, name).length > 0 || volumes.byIndex(INDEX, name).length > 0;
    const queue = createQueue(ctx, {
      name: "vacprotection",
      reconcile: async (name) => {
        const found = classes.get("", name);
        if (!found || !planFinalizers(found, inUse(name))) return;
        try {
          await client.resource<AttributesClass>(ATTRIBUTES_CLASSES).modify("", name, (now) => {
            const finalizers = planFinalizers(now, inUse(name));
            return finalizers && { ...now, metadata: { ...now.metadata, finalizers } };
          });
        } catch (error) {
          // the last finalizer takes the object with it
          if (!isNotFound(error)) throw error;
        }
      },
    });
    const look = (found: AttributesClass): void => {
      if (planFinalizers(found, false)) queue.add(found.metadata.name ?? "");
    };
    const released = (names: readonly string[]): void => {
      for (const name of names) queue.add(name);
    };
    const stops = [
      classes.handle({ add: look, update: look }),
      claims.handle({
        update: (now, old) => released(claimClasses(old).filter((name) => !claimClasses(now).includes(name))),
        delete: (old) => released(claimClasses(old)),
      }),
      volumes.handle({
        update: (now, old) => released(volumeClasses(old).filter((name) => !volumeClasses(now).includes(name))),
        delete: (old) => released(volumeClasses(old)),
      }),
    ];
    return {
      stop() {
        for (const stop of stops) stop();
        queue.stop();
      },
    };
  },
};
