/** MutatingWebhookConfiguration. Source: pkg/registry/admissionregistration/mutatingwebhookconfiguration. */
import type { Kind } from "../../kind.js";
import { defaultWebhooks } from "../defaults.js";
import { staticSuffixWarnings } from "../policy.js";
import { webhookPrinter } from "../printers.js";
import { validateWebhooks, validateWebhooksUpdate } from "../webhooks.js";

export const mutatingWebhookConfiguration: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingWebhookConfiguration",
  resource: "mutatingwebhookconfigurations",
  singular: "mutatingwebhookconfiguration",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
  defaults: (object) => defaultWebhooks(object, true),
  validate: (object) => validateWebhooks(object, true),
  validateUpdate: (object, old) => validateWebhooksUpdate(object, old, true),
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  printer: webhookPrinter,
};
