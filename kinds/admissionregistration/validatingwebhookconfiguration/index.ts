/** ValidatingWebhookConfiguration. Source: pkg/registry/admissionregistration/validatingwebhookconfiguration. */
import type { Kind } from "../../kind.js";
import { defaultWebhooks } from "../defaults.js";
import { staticSuffixWarnings } from "../policy.js";
import { webhookPrinter } from "../printers.js";
import { validateWebhooks, validateWebhooksUpdate } from "../webhooks.js";

export const validatingWebhookConfiguration: Kind = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  resource: "validatingwebhookconfigurations",
  singular: "validatingwebhookconfiguration",
  categories: ["api-extensions"],
  namespaced: false,
  schema: "io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
  defaults: (object) => defaultWebhooks(object, false),
  validate: (object) => validateWebhooks(object, false),
  validateUpdate: (object, old) => validateWebhooksUpdate(object, old, false),
  warnings: staticSuffixWarnings,
  generation: "spec",
  allowUnconditionalUpdate: false,
  printer: webhookPrinter,
};
