import type { KubeObject } from "../../../kinds/object.js";
import { forbidden } from "../../errors.js";
import { resourceName } from "../objects.js";
import { peek, peekAll } from "./lookup.js";
import type { Services } from "../types.js";
import type { AdmissionPlugin } from "./types.js";

/** The class of pods that name none: the lowest of those that say so. */
const defaultClass = (services: Services): KubeObject | undefined =>
  peekAll(services, "scheduling.k8s.io", "v1", "priorityclasses")
    .filter((c) => c.globalDefault)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];

/** Source: plugin/pkg/admission/priority. */
export const priority: AdmissionPlugin = {
  name: "Priority",
  validate({ operation, kind, subresource, object, name }, _ctx, services) {
    if (!object?.globalDefault || subresource !== "" || kind.group !== "scheduling.k8s.io" || kind.resource !== "priorityclasses") return;
    const other = defaultClass(services)?.metadata.name;
    if (other !== undefined && (operation === "CREATE" || other !== object.metadata.name))
      throw forbidden(resourceName(kind), name, `PriorityClass ${other} is already marked as default. Only one default can exist`);
  },
  admit({ operation, kind, subresource, object, old, name }, _ctx, services) {
    if (!object || kind.group !== "" || kind.resource !== "pods" || subresource !== "") return;
    const spec = object.spec;
    if (operation === "UPDATE") {
      // a pod keeps what it was given
      spec.priority ??= old?.spec.priority;
      spec.preemptionPolicy ??= old?.spec.preemptionPolicy;
      return;
    }
    let value = 0;
    let policy = "PreemptLowerPriority";
    if (spec.priorityClassName) {
      const found = peek(services, "scheduling.k8s.io", "v1", "priorityclasses", "", spec.priorityClassName);
      if (!found) throw forbidden(resourceName(kind), name, `no PriorityClass with name ${spec.priorityClassName} was found`);
      value = found.value ?? 0;
      policy = found.preemptionPolicy ?? policy;
    } else {
      const lowest = defaultClass(services);
      if (lowest) {
        spec.priorityClassName = lowest.metadata.name;
        value = lowest.value ?? 0;
        policy = lowest.preemptionPolicy ?? policy;
      }
    }
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value)
      throw forbidden(
        resourceName(kind),
        name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    spec.priority = value;
    if (spec.preemptionPolicy && spec.preemptionPolicy !== policy)
      throw forbidden(
        resourceName(kind),
        name,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    spec.preemptionPolicy = policy;
  },
};
