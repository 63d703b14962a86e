/** Source: pkg/printers/internalversion printMutatingWebhook … printMutatingAdmissionPolicyBinding. */
import type { Printer } from "../kind.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../printing.js";
import { paramKindCell, paramRefCell } from "./policy.js";

export const webhookPrinter: Printer = printer(
  [NAME_COLUMN, column("Webhooks", "integer", "Webhooks indicates the number of webhooks registered in this configuration"), AGE_COLUMN],
  (o, ctx) => [o.metadata.name ?? "", o.webhooks?.length ?? 0, age(o, ctx)],
);

const PARAM_KIND = column("ParamKind", "string", "ParamKind specifies the kind of resources used to parameterize this policy");

export const validatingPolicyPrinter: Printer = printer(
  [NAME_COLUMN, column("Validations", "integer", "Validations indicates the number of validation rules defined in this configuration"), PARAM_KIND, AGE_COLUMN],
  (o, ctx) => [o.metadata.name ?? "", o.spec?.validations?.length ?? 0, paramKindCell(o), age(o, ctx)],
);

export const mutatingPolicyPrinter: Printer = printer(
  [NAME_COLUMN, column("Mutations", "integer", "Mutation indicates the number of mutations rules defined in this configuration"), PARAM_KIND, AGE_COLUMN],
  (o, ctx) => [o.metadata.name ?? "", o.spec?.mutations?.length ?? 0, paramKindCell(o), age(o, ctx)],
);

export const policyBindingPrinter: Printer = printer(
  [
    NAME_COLUMN,
    column("PolicyName", "string", "PolicyName indicates the policy definition which the policy binding binded to"),
    column("ParamRef", "string", "ParamRef indicates the param resource which sets the configuration param"),
    AGE_COLUMN,
  ],
  (o, ctx) => [o.metadata.name ?? "", o.spec?.policyName ?? "", paramRefCell(o), age(o, ctx)],
);
