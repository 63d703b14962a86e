/** APIService. Sources: kube-aggregator pkg/registry/apiservice, pkg/apis/apiregistration. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";
import { resetMetadataForStatus, statusView } from "../../status.js";
import { formatTime } from "../../time.js";
import { apiServiceName, validateAPIService, validateAPIServiceStatusUpdate, validateAPIServiceUpdate } from "./validate.js";

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
}

/** What a group version that the server answers itself says about it. */
export const localCondition = (now: number): object => ({
  type: "Available",
  status: "True",
  lastTransitionTime: formatTime(now),
  reason: "Local",
  message: "Local APIServices are always available",
});

/** The Available condition as `kubectl get` shows it. */
function availability(object: KubeObject): string {
  const condition = object.status?.conditions?.find((c: Condition) => c.type === "Available") as Condition | undefined;
  if (!condition) return "Unknown";
  return condition.status !== "True" && condition.reason ? `${condition.status} (${condition.reason})` : (condition.status ?? "");
}

export const apiService: Kind = {
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  resource: "apiservices",
  singular: "apiservice",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
  storagePath: "apiregistration.k8s.io/apiservices",
  defaults(object) {
    if (object.spec?.service) object.spec.service.port ??= 443;
  },
  validateName: apiServiceName,
  prepareForCreate(object, { now }) {
    object.status = object.spec?.service ? {} : { conditions: [localCondition(now)] };
  },
  validate: validateAPIService,
  validateUpdate: validateAPIServiceUpdate,
  allowUnconditionalUpdate: false,
  status: statusView({
    prepareForUpdate: resetMetadataForStatus,
    validateUpdate: validateAPIServiceStatusUpdate,
  }),
  printer: printer(
    [
      NAME_COLUMN,
      column("Service", "string", "The reference to the service that hosts this API endpoint."),
      column("Available", "string", "Whether this service is available."),
      AGE_COLUMN,
    ],
    (o, ctx) => {
      const { service } = o.spec ?? {};
      return [o.metadata.name ?? "", service ? `${service.namespace ?? ""}/${service.name ?? ""}` : "Local", availability(o), age(o, ctx)];
    },
  ),
};
