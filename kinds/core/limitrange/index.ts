/** LimitRange. Sources: pkg/registry/core/limitrange, pkg/apis/core. */
import type { Kind } from "../../kind.js";
import { DEFAULT_PRINTER } from "../../printing.js";
import type { LimitRangeItem } from "../../schema/api/core.v1.js";
import { validateKubeObjectMeta } from "../../validation/metadata.js";
import { nameIsDNSSubdomain } from "../../validation/names.js";
import { roundAmounts } from "../amounts.js";
import { validateLimitRange } from "./validate.js";

type List = Record<string, string>;

/** What a container limit leaves out follows from the rest: default from max, defaultRequest from default, then from min. */
function defaultItem(item: LimitRangeItem): void {
  for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) roundAmounts(list as List | undefined);
  if (item.type !== "Container") return;
  const given: List = (item.default as List | undefined) ?? {};
  const limits: List = { ...(item.max as List | undefined), ...given };
  const requests: List = { ...(item.min as List | undefined), ...limits, ...(item.defaultRequest as List | undefined) };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

export const limitRange: Kind = {
  group: "",
  version: "v1",
  kind: "LimitRange",
  resource: "limitranges",
  singular: "limitrange",
  shortNames: ["limits"],
  namespaced: true,
  schema: "io.k8s.api.core.v1.LimitRange",
  defaults(object) {
    for (const item of (object.spec?.limits ?? []) as LimitRangeItem[]) defaultItem(item);
  },
  namelessGetsUid: true,
  validate: validateLimitRange,
  validateUpdate: (object) => [...validateKubeObjectMeta(object.metadata, true, nameIsDNSSubdomain), ...validateLimitRange(object)],
  allowCreateOnUpdate: true,
  printer: DEFAULT_PRINTER,
};
