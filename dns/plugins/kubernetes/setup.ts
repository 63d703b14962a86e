import { parseLabelSelector, type Selector } from "../../../kinds/labels.js";
import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argError, argsOf, at, durationOf, intOf, linesOf, once, unknownProperty } from "../../corefile/read.js";
import { fallOf, originsOf } from "../../corefile/zones.js";
import type { Setup } from "../../plugin.js";
import { isReverse, type PodsMode } from "./answer.js";
import { type KubernetesOptions, PLAIN } from "./options.js";
import { kubernetes } from "./serve.js";
import type { Labels } from "./zone.js";

const PODS: readonly string[] = ["disabled", "insecure", "verified"] satisfies PodsMode[];
const MAX_TTL = 3600;
/** Where the API server is and how it is spoken to. */
const CONNECTION: readonly string[] = ["endpoint", "tls", "kubeconfig", "apiserver_qps", "apiserver_burst", "apiserver_max_inflight"];
const LEFT_OUT: readonly string[] = ["zonal", "multicluster"];

/** What a label selector may say here is less than elsewhere. Source: apimachinery ParseToLabelSelector. */
function selectorOf(text: string): Selector {
  let selector: Selector;
  try {
    selector = parseLabelSelector(text);
  } catch (error) {
    throw new Error(`couldn't parse the selector string "${text}": ${(error as Error).message}`);
  }
  for (const { operator } of selector.requirements) {
    if (operator === "!=") throw new Error('"!=" is not a valid label selector operator');
    if (operator === "gt" || operator === "lt") throw new Error(`"${operator}" isn't supported in label selectors`);
  }
  return selector;
}

function labelsOf(property: Directive, what: string): (labels: Labels) => boolean {
  const text = argsOf(property, 1, Number.POSITIVE_INFINITY).join(" ");
  return at(property.line, () => {
    try {
      return selectorOf(text).matches;
    } catch (error) {
      throw new Error(`unable to parse ${what} value: '${text}': ${(error as Error).message}`);
    }
  });
}

function podsOf(property: Directive): PodsMode {
  const [mode] = argsOf(property, 1);
  if (!PODS.includes(mode)) throw new CorefileError(property.line, `wrong value for pods: ${mode},  must be one of: disabled, verified, insecure`);
  return mode as PodsMode;
}

function ttlOf(property: Directive): number {
  const ttl = intOf(argsOf(property, 1, Number.POSITIVE_INFINITY)[0], property.line);
  if (ttl < 0 || ttl > MAX_TTL) throw new CorefileError(property.line, `ttl must be in range [0, ${MAX_TTL}]: ${ttl}`);
  return ttl;
}

/** One line in the braces of `kubernetes`. */
function propertyOf(property: Directive): Partial<KubernetesOptions> {
  const { name, args, line } = property;
  switch (name) {
    case "pods":
      return { pods: podsOf(property) };
    case "endpoint_pod_names":
      argsOf(property, 0);
      return { podNames: true };
    case "labels":
      return { labels: labelsOf(property, "label selector") };
    case "namespace_labels":
      return { namespaceLabels: labelsOf(property, "namespace_label selector") };
    case "fallthrough":
      return { fallthrough: fallOf(args) };
    case "ttl":
      return { ttl: ttlOf(property) };
    case "noendpoints":
      argsOf(property, 0);
      return { noEndpoints: true };
    case "ignore":
      if (args.length > 0 && args[0] !== "empty_service") throw new CorefileError(line, `unable to parse ignore value: '${args[0]}'`);
      return args.length > 0 ? { ignoreEmpty: true } : {};
    case "startup_timeout":
      // there is nothing to wait for: names are there before the first question
      durationOf(argsOf(property, 1, Number.POSITIVE_INFINITY)[0], line, (text) => `failed to parse startup_timeout: ${text}, `);
      return {};
    default:
      if (CONNECTION.includes(name)) throw new CorefileError(line, `property '${name}' is not supported: this server stands inside of its cluster`);
      if (LEFT_OUT.includes(name)) throw new CorefileError(line, `property '${name}' is not supported`);
      throw unknownProperty(property);
  }
}

/**
 * Reads a `kubernetes` directive; `zones` are those of its server block. Errors: CorefileError. Source: CoreDNS plugin/kubernetes/setup.go.
 */
export function kubernetesOptions(directive: Directive, zones: readonly string[]): KubernetesOptions {
  const own = originsOf(directive.args, zones);
  if (own.every(isReverse)) throw new CorefileError(directive.line, "non-reverse zone name must be used");
  let options: KubernetesOptions = { ...PLAIN, zones: own };
  const namespaces = new Set<string>();
  for (const property of linesOf(directive)) {
    if (property.name !== "namespaces") options = { ...options, ...propertyOf(property) };
    else if (property.args.length === 0) throw argError(property);
    else for (const name of property.args) namespaces.add(name);
  }
  if (namespaces.size > 0 && options.namespaceLabels) throw new CorefileError(directive.line, "namespaces and namespace_labels cannot both be set");
  return { ...options, namespaces };
}

export const setup: Setup = (directive, context, all) => {
  once(all);
  const options = kubernetesOptions(directive, context.block.zones);
  const pods = context.pods ?? options.pods;
  if (pods === "verified") context.followPods();
  return kubernetes({ ...options, pods }, context);
};
