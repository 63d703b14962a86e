/** Source: pkg/printers/internalversion printFlowSchema. */
import type { KubeObject } from "../../object.js";
import { AGE_COLUMN, age, column, NAME_COLUMN, printer } from "../../printing.js";

const precedence = (o: KubeObject): number => o.spec?.matchingPrecedence ?? 0;

/** A list shows the schemas in the order in which they are tried. */
export const flowSchemaPrinter = {
  ...printer(
    [
      NAME_COLUMN,
      column("PriorityLevel", "string", "`name` is the name of the priority level configuration being referenced Required."),
      column(
        "MatchingPrecedence",
        "string",
        "`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.",
      ),
      column(
        "DistinguisherMethod",
        "string",
        "`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.",
      ),
      AGE_COLUMN,
      column("MissingPL", "string", "references a broken or non-existent PriorityLevelConfiguration"),
    ],
    (o, ctx) => [
      o.metadata.name ?? "",
      o.spec?.priorityLevelConfiguration?.name ?? "",
      precedence(o),
      o.spec?.distinguisherMethod ? (o.spec.distinguisherMethod.type ?? "") : "<none>",
      age(o, ctx),
      o.status?.conditions?.find((c: { type?: string }) => c.type === "Dangling")?.status ?? "?",
    ],
  ),
  order: (a: KubeObject, b: KubeObject): number => precedence(a) - precedence(b) || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
};
