/** What selectors of devices are compiled against. Source: k8s.io/dynamic-resource-allocation/cel/compile.go, with DRAConsumableCapacity and without DRAListTypeAttributes. */
import { Environment, typeText } from "../cel/index.js";

const DEVICE = "kubernetes.DRADevice";

let environment: Environment | undefined;

/** Made when the first expression comes. Holds declarations only. */
const environmentOf = (): Environment => {
  environment ??= new Environment({
    variables: { device: DEVICE },
    types: {
      [DEVICE]: {
        driver: "string",
        attributes: "map(string, map(string, any))",
        capacity: "map(string, map(string, kubernetes.Quantity))",
        allowMultipleAllocations: "bool",
      },
    },
    bind: true,
  });
  return environment;
};

/** What is wrong with an expression, "" for nothing: it must compile, and be true or false or the value of an attribute. */
export function selectorFault(expression: string): string {
  const compiled = environmentOf().compile(expression);
  if ("error" in compiled) return `compilation failed: ${compiled.error}`;
  const { type } = compiled;
  return type.kind === "bool" || type.kind === "any" ? "" : `must evaluate to bool or the unknown type, not ${typeText(type)}`;
}
