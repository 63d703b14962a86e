/** Source: pkg/quota/v1/evaluator/core/persistent_volume_claims.go. */
import type { KubeObject } from "../../../object.js";
import { compareQuantity } from "../../../quantity.js";
import type { ResourceList } from "../../../resourcelist.js";
import { roundUpAmount } from "../../pod/resources.js";
import { storageClassOf } from "../../storage.js";
import { type Evaluator, objectCountName, type Requirement, scopeSelects } from "./evaluator.js";

const CLAIMS = "persistentvolumeclaims";
const COUNT = objectCountName("", CLAIMS);
const STORAGE = "requests.storage";
/** What follows a class's name: `gold.storageclass.storage.k8s.io/requests.storage`. */
const OF_CLASS = ".storageclass.storage.k8s.io/";

/** Whole bytes; what was promised while an expansion is under way, when that is more. */
function storageOf({ spec, status }: KubeObject): string | undefined {
  const wanted: string | undefined = spec?.resources?.requests?.storage;
  if (wanted === undefined) return undefined;
  const promised: string | undefined = status?.allocatedResources?.storage;
  return roundUpAmount(promised !== undefined && compareQuantity(promised, wanted) > 0 ? promised : wanted, 0);
}

function usage(claim: KubeObject): ResourceList {
  const out: Record<string, string> = { [CLAIMS]: "1", [COUNT]: "1" };
  const storage = storageOf(claim);
  if (storage !== undefined) out[STORAGE] = storage;
  const storageClass = storageClassOf(claim);
  if (!storageClass) return out;
  out[storageClass + OF_CLASS + CLAIMS] = "1";
  if (storage !== undefined) out[storageClass + OF_CLASS + STORAGE] = storage;
  return out;
}

/** The attributes classes a claim has, had, or is on its way to. */
const attributesClasses = ({ spec, status }: KubeObject): string[] =>
  [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter(Boolean);

function inScope(scope: Requirement, claim: KubeObject): boolean {
  if (scope.scopeName !== "VolumeAttributesClass") return false;
  const classes = attributesClasses(claim);
  return classes.length === 0 ? scopeSelects(scope, undefined) : classes.some((name) => scopeSelects(scope, name));
}

export const claimEvaluator: Evaluator = {
  group: "",
  resource: CLAIMS,
  handles: ({ operation, subresource }) => subresource === "" || (subresource === "status" && operation === "UPDATE"),
  matching: (names) => names.filter((name) => name === COUNT || [CLAIMS, STORAGE].some((resource) => name === resource || name.endsWith(OF_CLASS + resource))),
  inScope,
  usage,
};
