import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./certificates.js";
import { claimResize } from "./claimresize.js";
import { defaultIngressClass } from "./defaultingressclass.js";
import { defaultStorageClass } from "./defaultstorageclass.js";
import { defaultTolerationSeconds } from "./defaulttolerationseconds.js";
import { limitRanger } from "./limitranger.js";
import { namespaceLifecycle } from "./namespacelifecycle.js";
import { podTopologyLabels } from "./podtopologylabels.js";
import { priority } from "./priority.js";
import { resourceQuota } from "./resourcequota.js";
import { runtimeClass } from "./runtimeclass.js";
import { serviceAccount } from "./serviceaccount.js";
import { storageObjectInUseProtection } from "./storageobjectinuseprotection.js";
import { taintNodesByCondition } from "./taintnodesbycondition.js";
import type { Admission, AdmissionPlugin } from "./types.js";

/**
 * The plugins in upstream's order (pkg/kubeapiserver/options AllOrderedPlugins). First the mutating parts of all run, then, after the strategy and
 * validation, the
 * validating parts of all.
 */
export const PLUGINS: readonly AdmissionPlugin[] = [
  namespaceLifecycle, // nothing is made in a namespace that is missing or going; refuses before anything else is looked at
  limitRanger, // containers get the namespace's defaults, and keep within its bounds
  serviceAccount, // every pod runs as somebody, with that account's token
  taintNodesByCondition, // a new node takes no pods until something has vouched for it
  priority, // the class becomes a number
  defaultTolerationSeconds, // pods sit out short node outages
  defaultStorageClass, // a claim that names no class gets the default one
  storageObjectInUseProtection, // finalizers, so that what is in use is not deleted under its users
  claimResize, // a claim only grows, and only where its class allows it
  runtimeClass, // a pod pays for its runtime and goes where that is
  certificateApproval, // deciding on a certificate request, signing it: rights on the signer
  certificateSigning,
  certificateSubjectRestriction, // no certificate makes an administrator
  defaultIngressClass, // an Ingress that names no class gets the default one
  podTopologyLabels, // a pod that is bound carries its node's zone and region
  resourceQuota, // what is written fits into the namespace's quotas and is charged to them; last, when nothing else can refuse it
];

/** The chain over a list of plugins. */
export function chainOf(plugins: readonly AdmissionPlugin[]): Admission {
  // most plugins do one of the two, and every write goes by here
  const admitting = plugins.filter((plugin) => plugin.admit);
  const validating = plugins.filter((plugin) => plugin.validate);
  return {
    admit: (attributes, ctx, services) => {
      for (const plugin of admitting) plugin.admit?.(attributes, ctx, services);
    },
    validate: (attributes, ctx, services) => {
      for (const plugin of validating) plugin.validate?.(attributes, ctx, services);
    },
  };
}
