import type { KubeObject } from "../../../kinds/object.js";
import type { ResourceHook } from "./types.js";

/** Where kube-apiserver asks for the health of its neighbours. Source: pkg/registry/core/rest serversToValidate. */
const PORTS: Readonly<Record<string, number>> = { "controller-manager": 10257, scheduler: 10259 };

const status = (name: string, healthy: boolean, message: string): KubeObject => ({
  metadata: { name },
  conditions: [{ type: "Healthy", status: healthy ? "True" : "False", message }],
});

/** The store is healthy as long as anything is; `controllers`: whether those that act on objects run beside the API server. */
export const componentStatuses = (controllers: boolean): ResourceHook => ({
  computed: () =>
    [
      ...Object.entries(PORTS).map(([name, port]) =>
        controllers
          ? status(name, true, "ok")
          : status(name, false, `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`),
      ),
      status("etcd-0", true, "ok"),
    ].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1)),
});
