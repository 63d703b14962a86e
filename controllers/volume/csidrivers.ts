/** The CSIDriver objects that the drivers behind an environment's classes are installed with; whether volumes are attached is what matters here. */
import type { CSIDriver } from "../runtime/api.js";
import type { Environment } from "./classes.js";

const driver = (name: string, spec: CSIDriver["spec"]): CSIDriver => ({ apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name }, spec });
const PERSISTENT = { volumeLifecycleModes: ["Persistent"] };

const DRIVERS: Readonly<Partial<Record<Environment, readonly CSIDriver[]>>> = {
  eks: [
    driver("ebs.csi.aws.com", { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: "File", ...PERSISTENT }),
    // A share is mounted over the network: it is attached to no node.
    driver("efs.csi.aws.com", { attachRequired: false, podInfoOnMount: false, fsGroupPolicy: "ReadWriteOnceWithFSType", ...PERSISTENT }),
  ],
  gke: [driver("pd.csi.storage.gke.io", { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: "ReadWriteOnceWithFSType", ...PERSISTENT })],
  aks: [
    driver("disk.csi.azure.com", { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: "File", ...PERSISTENT }),
    driver("file.csi.azure.com", {
      attachRequired: false,
      podInfoOnMount: true,
      fsGroupPolicy: "ReadWriteOnceWithFSType",
      volumeLifecycleModes: ["Persistent", "Ephemeral"],
    }),
  ],
};

/** The CSIDrivers of an environment, new objects each time. */
export const csiDriversFor = (environment: Environment): CSIDriver[] => structuredClone([...(DRIVERS[environment] ?? [])]);
