import { apiServiceAvailabilityController } from "../controllers/apiservice/index.js";
import { createCertificatesController, type Sign } from "../controllers/certificates/index.js";
import { clusterRoleAggregationController } from "../controllers/clusterroleaggregation/index.js";
import { cronJobController } from "../controllers/cronjob/index.js";
import { daemonSetController } from "../controllers/daemonset/index.js";
import { deploymentController } from "../controllers/deployment/index.js";
import { disruptionController } from "../controllers/disruption/index.js";
import { endpointsController } from "../controllers/endpoints/index.js";
import { endpointSliceController, endpointSliceMirroringController } from "../controllers/endpointslice/index.js";
import { flowControlController } from "../controllers/flowcontrol/index.js";
import { createGarbageCollector } from "../controllers/gc/index.js";
import { horizontalPodAutoscalerController } from "../controllers/horizontalpodautoscaler/index.js";
import { ipAddressRepairController } from "../controllers/ipaddress/index.js";
import { jobController } from "../controllers/job/index.js";
import { createNamespaceController } from "../controllers/namespace/index.js";
import { nodeLifecycleController, taintEvictionController } from "../controllers/node/index.js";
import { podGCController } from "../controllers/podgc/index.js";
import { replicaSetController, replicationControllerController } from "../controllers/replicaset/index.js";
import { resourceClaimController } from "../controllers/resourceclaim/index.js";
import { createResourceQuotaController } from "../controllers/resourcequota/index.js";
import type { ServedResources } from "../controllers/runtime/served.js";
import type { Controller } from "../controllers/runtime/types.js";
import { schedulerController } from "../controllers/scheduler/index.js";
import { createRootCAPublisher, serviceAccountController } from "../controllers/serviceaccount/index.js";
import { createDefaultServiceCIDRController, serviceCIDRController } from "../controllers/servicecidr/index.js";
import { statefulSetController } from "../controllers/statefulset/index.js";
import { ttlAfterFinishedController } from "../controllers/ttlafterfinished/index.js";
import { validatingAdmissionPolicyStatusController } from "../controllers/validatingadmissionpolicystatus/index.js";
import { createAttachDetachController } from "../controllers/volume/attachdetach/index.js";
import { attributesClassProtectionController } from "../controllers/volume/attributesclass/index.js";
import { createVolumeController, driversOf, type Environment } from "../controllers/volume/index.js";
import { ALL_VERBS } from "../kinds/kind.js";
import { createKubelet, type Pace } from "../kubelet/index.js";
import type { KindLookup } from "../server/pipeline/lookup.js";
import { DEFAULT_RANGES } from "../server/pipeline/resources/services.js";

/** What the components need that is the cluster's to say. */
export interface Components {
  readonly kinds: KindLookup;
  readonly caCert: string;
  /** Signs with the key to that. */
  readonly sign: Sign;
  readonly volumesDir: string;
  readonly pace: Pace;
  readonly environment: Environment;
  readonly shortestStopMs: number;
}

/** What is part of the API server itself, and runs where no controller does. */
export const apiServerControllers: readonly Controller[] = [
  createDefaultServiceCIDRController({ cidrs: [DEFAULT_RANGES.clusterIPs] }),
  ipAddressRepairController,
  apiServiceAvailabilityController,
  flowControlController,
];

/** Every component that makes a cluster live, in the order they start: what others wait for comes first. */
export function controllersOf({ kinds, caCert, sign, volumesDir, pace, environment, shortestStopMs }: Components): Controller[] {
  const served: ServedResources = {
    // what is asked and not kept is neither listed nor deleted, and each object once
    list: () =>
      kinds.all
        .filter((k) => !k.storedAs && (k.verbs ?? ALL_VERBS).includes("delete"))
        .map(({ group, version, resource, kind, namespaced }) => ({ group, version, resource, kind, namespaced })),
  };
  const drivers = driversOf({ volumesDir, environment });
  return [
    serviceAccountController,
    clusterRoleAggregationController,
    createRootCAPublisher({ caCert }),
    createKubelet({ pace, shortestStopMs }),
    nodeLifecycleController,
    taintEvictionController,
    podGCController,
    schedulerController,
    createVolumeController({ volumesDir, environment, drivers }),
    createAttachDetachController(drivers),
    attributesClassProtectionController,
    serviceCIDRController,
    endpointSliceController,
    endpointSliceMirroringController,
    endpointsController,
    daemonSetController,
    statefulSetController,
    replicaSetController,
    replicationControllerController,
    deploymentController,
    horizontalPodAutoscalerController(served),
    disruptionController(served),
    jobController,
    cronJobController,
    ttlAfterFinishedController,
    resourceClaimController,
    validatingAdmissionPolicyStatusController,
    createCertificatesController({ sign }),
    createResourceQuotaController(served),
    createNamespaceController(served),
    createGarbageCollector(served),
  ];
}
