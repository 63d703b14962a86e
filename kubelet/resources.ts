import type { KubeObject } from "../kinds/object.js";
import type { Container } from "./runtime.js";

type List = Readonly<Record<string, string | number>>;

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const NANO = 1_000_000_000n;

interface Quantity {
  /** In billionths. */
  readonly nanos: bigint;
  readonly binary: boolean;
}

function parse(text: string | number): Quantity {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:([KMGTPE]i)|([eE][+-]?\d+)|([numkMGTPE]?))$/.exec(String(text));
  if (!match) return { nanos: 0n, binary: false };
  const [, sign, whole, fraction, binary, exponent, suffix] = match;
  let nanos = BigInt(`${whole || "0"}${fraction}`) * NANO;
  let shift = -fraction.length;
  if (binary) nanos *= 1024n ** BigInt(BINARY.indexOf(binary));
  else shift += exponent ? Number(exponent.slice(1)) : DECIMAL[suffix ?? ""];
  nanos = shift >= 0 ? nanos * 10n ** BigInt(shift) : nanos / 10n ** BigInt(-shift);
  return { nanos: sign === "-" ? -nanos : nanos, binary: binary !== undefined };
}

/** Source: apimachinery pkg/api/resource Quantity.CanonicalizeBytes. */
function format({ nanos, binary }: Quantity): string {
  if (binary && nanos % NANO === 0n && nanos / NANO >= 1024n) {
    let value = nanos / NANO;
    let unit = 0;
    while (value % 1024n === 0n && unit < BINARY.length - 1) {
      value /= 1024n;
      unit++;
    }
    return `${value}${BINARY[unit]}`;
  }
  if (nanos === 0n) return "0";
  let value = nanos;
  let power = -9;
  while (value % 1000n === 0n && power < 18) {
    value /= 1000n;
    power += 3;
  }
  return `${value}${Object.keys(DECIMAL).find((s) => DECIMAL[s] === power) ?? ""}`;
}

const add = (a: string | number, b: string | number): string => {
  const [x, y] = [parse(a), parse(b)];
  return format({ nanos: x.nanos + y.nanos, binary: x.nanos === 0n ? y.binary : x.binary });
};
const max = (a: string | number, b: string | number): string => (parse(b).nanos > parse(a).nanos ? String(b) : String(a));

function combine(into: Record<string, string>, list: List | undefined, how: (a: string, b: string | number) => string): void {
  for (const [name, value] of Object.entries(list ?? {})) into[name] = into[name] === undefined ? String(value) : how(into[name], value);
}

/**
 * What a pod asks for as a whole: its containers and sidecars together, or its greediest init container with the sidecars before it, whichever is more; a pod's
 * own resources go before its containers'; overhead comes on top. Source: component-helpers/resource PodRequests, PodLimits.
 */
export function podResources(pod: KubeObject): { requests: Record<string, string>; limits: Record<string, string> } {
  const total = (which: "requests" | "limits"): Record<string, string> => {
    const sum: Record<string, string> = {};
    for (const c of (pod.spec?.containers ?? []) as Container[]) combine(sum, c.resources?.[which], add);
    const sidecars: Record<string, string> = {};
    const most: Record<string, string> = {};
    for (const c of (pod.spec?.initContainers ?? []) as Container[]) {
      if (c.restartPolicy === "Always") {
        combine(sum, c.resources?.[which], add);
        combine(sidecars, c.resources?.[which], add);
        combine(most, sidecars, max);
      } else {
        const withSidecars = { ...sidecars };
        combine(withSidecars, c.resources?.[which], add);
        combine(most, withSidecars, max);
      }
    }
    combine(sum, most, max);
    for (const [name, value] of Object.entries((pod.spec?.resources?.[which] ?? {}) as List)) sum[name] = String(value);
    for (const [name, value] of Object.entries((pod.spec?.overhead ?? {}) as List)) {
      if (which === "requests" || sum[name] !== undefined) combine(sum, { [name]: value }, add);
    }
    return sum;
  };
  return { requests: total("requests"), limits: total("limits") };
}
