/** FlowSchema. Sources: pkg/registry/flowcontrol/flowschema, pkg/apis/flowcontrol/v1/defaults.go. */
import type { Kind } from "../../kind.js";
import { flowStatus } from "../status.js";
import { flowSchemaPrinter } from "./printer.js";
import { validateFlowSchema, validateFlowSchemaUpdate } from "./validate.js";

export const flowSchema: Kind = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  resource: "flowschemas",
  singular: "flowschema",
  namespaced: false,
  schema: "io.k8s.api.flowcontrol.v1.FlowSchema",
  defaults(object) {
    object.spec ??= {};
    object.spec.matchingPrecedence ||= 1000;
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: validateFlowSchema,
  validateUpdate: validateFlowSchemaUpdate,
  generation: "spec",
  status: flowStatus,
  printer: flowSchemaPrinter,
};
