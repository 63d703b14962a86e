import type { Informer, ResourceRef } from "../../client/client.js";
import type { KubeObject } from "../../kinds/object.js";
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from "../runtime/errors.js";
import { createQueue } from "../runtime/queue.js";
import type { Controller, ControllerContext, Running } from "../runtime/types.js";
import { ROOT_CA_NAME, rootCAConfigMap, rootCAIsCorrect } from "./plan.js";

const NAMESPACES: ResourceRef = { group: "", version: "v1", resource: "namespaces" };
const SERVICE_ACCOUNTS: ResourceRef = { group: "", version: "v1", resource: "serviceaccounts" };
const CONFIG_MAPS: ResourceRef = { group: "", version: "v1", resource: "configmaps" };
const DEFAULT_ACCOUNT = "default";

const isActive = (namespace: KubeObject | undefined): boolean => namespace?.status?.phase === "Active" && !namespace.metadata.deletionTimestamp;
/** Creating is over when the namespace is: no retry helps. */
const futile = (error: unknown): boolean => isNamespaceTerminating(error) || isNotFound(error) || isAlreadyExists(error);

/** A ServiceAccount "default" in every active namespace. Source: pkg/controller/serviceaccount/serviceaccounts_controller.go. */
export const serviceAccountController: Controller = {
  name: "service-account-controller",
  start(ctx: ControllerContext): Running {
    const client = ctx.client.as("system:serviceaccount:kube-system:service-account-controller", "kube-controller-manager").resource(SERVICE_ACCOUNTS);
    const namespaces: Informer = ctx.informers.informer(NAMESPACES);
    const accounts: Informer = ctx.informers.informer(SERVICE_ACCOUNTS);
    const queue = createQueue(ctx, {
      name: "service-account-controller",
      workers: 5,
      reconcile: async (namespace) => {
        if (!isActive(namespaces.get("", namespace)) || accounts.get(namespace, DEFAULT_ACCOUNT)) return;
        try {
          await client.create(namespace, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: DEFAULT_ACCOUNT, namespace } });
        } catch (error) {
          if (!futile(error)) throw error;
        }
      },
    });
    const look = (namespace: KubeObject): void => {
      if (isActive(namespace) && !accounts.get(namespace.metadata.name ?? "", DEFAULT_ACCOUNT)) queue.add(namespace.metadata.name ?? "");
    };
    const stops = [
      namespaces.handle({ add: look, update: look }),
      accounts.handle({
        delete: (account) => {
          if (account.metadata.name === DEFAULT_ACCOUNT) queue.add(account.metadata.namespace ?? "");
        },
      }),
    ];
    return stopping(stops, queue);
  },
};

export interface RootCAOptions {
  /** PEM of the cluster's CA. */
  readonly caCert: string;
}

/** ConfigMap kube-root-ca.crt in every namespace. Source: pkg/controller/certificates/rootcacertpublisher/publisher.go. */
export function createRootCAPublisher(options: RootCAOptions): Controller {
  return {
    name: "root-ca-certificate-publisher-controller",
    start(ctx) {
      const client = ctx.client.as("system:serviceaccount:kube-system:root-ca-cert-publisher", "kube-controller-manager").resource(CONFIG_MAPS);
      const namespaces: Informer = ctx.informers.informer(NAMESPACES);
      const configMaps: Informer = ctx.informers.informer(CONFIG_MAPS);
      const wanted = rootCAConfigMap(options.caCert);
      const queue = createQueue(ctx, {
        name: "root-ca-cert-publisher",
        workers: 5,
        reconcile: async (namespace) => {
          const current = configMaps.get(namespace, ROOT_CA_NAME);
          if (current && rootCAIsCorrect(current, options.caCert)) return;
          try {
            if (!current) {
              if (isActive(namespaces.get("", namespace))) await client.create(namespace, { ...wanted, metadata: { ...wanted.metadata, namespace } });
              return;
            }
            await client.modify(namespace, ROOT_CA_NAME, (now) =>
              rootCAIsCorrect(now, options.caCert)
                ? undefined
                : { ...now, data: wanted.data, metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, ...wanted.metadata.annotations } } },
            );
          } catch (error) {
            if (!futile(error)) throw error;
          }
        },
      });
      const look = (namespace: KubeObject): void => {
        if (isActive(namespace) && !configMaps.get(namespace.metadata.name ?? "", ROOT_CA_NAME)) queue.add(namespace.metadata.name ?? "");
      };
      const changed = (map: KubeObject): void => {
        if (map.metadata.name === ROOT_CA_NAME) queue.add(map.metadata.namespace ?? "");
      };
      return stopping([namespaces.handle({ add: look, update: look }), configMaps.handle({ add: changed, update: changed, delete: changed })], queue);
    },
  };
}

const stopping = (stops: readonly (() => void)[], queue: { stop(): void }): Running => ({
  stop() {
    for (const stop of stops) stop();
    queue.stop();
  },
});
