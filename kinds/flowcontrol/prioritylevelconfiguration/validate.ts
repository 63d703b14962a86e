/** Source: pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration. */
import { internalEqual, showInternal } from "../../core/pod/internal.js";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { KubeObject } from "../../object.js";
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from "../../schema/api/flowcontrol.v1.js";
import { validateKubeObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { MANDATORY_LEVELS } from "../bootstrap.js";
import { validateFlowConditions } from "../status.js";

const ROUND_TRIP = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
const MAX_QUEUES = 10_000_000;
const MAX_ENTROPY_BITS = 60;

const outsidePercent = (value: number | undefined): boolean => typeof value === "number" && (value < 0 || value > 100);

function validateQueuing(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const out: FieldError[] = [];
  if (queueLengthLimit <= 0) out.push(invalid(`${path}.queueLengthLimit`, queueLengthLimit, "must be positive"));
  if (queues <= 0) out.push(invalid(`${path}.queues`, queues, "must be positive"));
  else if (queues > MAX_QUEUES) out.push(invalid(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`));
  const hand = `${path}.handSize`;
  if (handSize <= 0) out.push(invalid(hand, handSize, "must be positive"));
  else if (handSize > queues) out.push(invalid(hand, handSize, `should not be greater than queues (${queues})`));
  else if (Math.ceil(Math.log2(queues) * handSize) > MAX_ENTROPY_BITS)
    out.push(invalid(hand, handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_ENTROPY_BITS}`));
  return out;
}

function validateLimitResponse(response: LimitResponse, path: string): FieldError[] {
  const { type = "", queuing } = response;
  if (type === "Reject") return queuing ? [forbidden(`${path}.queuing`, "must be nil if limited.limitResponse.type is not Limited")] : [];
  if (type === "Queue")
    return queuing ? validateQueuing(queuing, `${path}.queuing`) : [required(`${path}.queuing`, "must not be empty if limited.limitResponse.type is Limited")];
  return type === "" ? [required(`${path}.type`)] : [notSupported(`${path}.type`, type, ["Queue", "Reject"])];
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const { nominalConcurrencyShares: shares = 0, limitResponse, lendablePercent, borrowingLimitPercent } = limited;
  const out = shares < 0 ? [invalid(`${path}.nominalConcurrencyShares`, shares, "must be a non-negative integer")] : [];
  out.push(...validateLimitResponse(limitResponse ?? ({} as LimitResponse), `${path}.limitResponse`));
  if (outsidePercent(lendablePercent)) out.push(invalid(`${path}.lendablePercent`, lendablePercent, "must be between 0 and 100, inclusive"));
  if (typeof borrowingLimitPercent === "number" && borrowingLimitPercent < 0)
    out.push(invalid(`${path}.borrowingLimitPercent`, borrowingLimitPercent, "if specified, must be a non-negative integer"));
  return out;
}

function validateExempt({ nominalConcurrencyShares: shares = 0, lendablePercent }: ExemptPriorityLevelConfiguration, path: string): FieldError[] {
  const out = shares < 0 ? [invalid(`${path}.nominalConcurrencyShares`, shares, "must be a non-negative integer")] : [];
  if (outsidePercent(lendablePercent)) out.push(invalid(`${path}.lendablePercent`, lendablePercent, "must be between 0 and 100, inclusive"));
  return out;
}

function validateSpec(spec: PriorityLevelConfigurationSpec, name: string): FieldError[] {
  const { type = "", limited, exempt } = spec;
  const out: FieldError[] = [];
  if ((name === "exempt") !== (type === "Exempt")) out.push(invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  if (type === "Exempt") {
    if (limited) out.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    if (exempt) out.push(...validateExempt(exempt, "spec.exempt"));
  } else if (type === "Limited") {
    if (exempt) out.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
    if (limited) out.push(...validateLimited(limited, "spec.limited"));
    else out.push(required("spec.limited", "must not be empty when type is Limited"));
  } else out.push(type === "" ? required("spec.type") : notSupported("spec.type", type, ["Exempt", "Limited"]));
  return out;
}

/** The mandatory levels are what they are, but for how much of the server the exempt ones may lend. */
function validateMandatory(object: KubeObject, name: string): FieldError[] {
  const fixed = Object.hasOwn(MANDATORY_LEVELS, name) ? MANDATORY_LEVELS[name] : undefined;
  if (!fixed) return [];
  const spec = name === "exempt" ? { ...object.spec, exempt: fixed.exempt } : object.spec;
  if (internalEqual("PriorityLevelConfigurationSpec", spec, fixed)) return [];
  const which = name === "exempt" ? "spec of 'exempt' except the 'spec.exempt' field" : `spec of '${name}'`;
  return [invalid("spec", showInternal("PriorityLevelConfigurationSpec", object.spec), `${which} must equal the fixed value`)];
}

export function validatePriorityLevel(object: KubeObject): FieldError[] {
  const { name = "", annotations } = object.metadata;
  return [
    ...(annotations?.[ROUND_TRIP] === undefined ? [] : [forbidden("metadata.annotations", `annotation '${ROUND_TRIP}' is forbidden`)]),
    ...validateSpec(object.spec ?? {}, name),
    ...validateMandatory(object, name),
    ...validateFlowConditions(object),
  ];
}

export const validatePriorityLevelUpdate = (object: KubeObject): FieldError[] => [
  ...validateKubeObjectMeta(object.metadata, false, nameIsDNSSubdomain),
  ...validatePriorityLevel(object),
];
