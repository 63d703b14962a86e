/** Requests and capacities as numbers. Pure. Source: component-helpers resource.PodRequests, pkg/scheduler/framework Resource. */

import type { Container, PodSpec } from "../../kinds/schema/api/core.v1.js";
import { amount } from "../volume/amount.js";

/** cpu in thousandths, everything else in units; only what is above zero is listed in `scalars`. */
export interface Resources {
  cpu: number;
  memory: number;
  ephemeral: number;
  readonly scalars: Map<string, number>;
}

/** What scoring assumes for a container that asks for nothing. */
const DEFAULT_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

export const noResources = (): Resources => ({ cpu: 0, memory: 0, ephemeral: 0, scalars: new Map() });

/** Kinds of resources that count: extended ones, huge pages and attachable volumes beside the native three. Source: pkg/scheduler/util IsScalarResourceName. */
const isScalar = (name: string): boolean => name.includes("/") || name.startsWith("hugepages-") || name.startsWith("attachable-volumes-");

export function fromList(list: Readonly<Record<string, string | number>> | undefined): Resources {
  const out = noResources();
  for (const [name, quantity] of Object.entries(list ?? {})) {
    const value = amount(quantity);
    if (name === "cpu") out.cpu = Math.ceil(Number((value * 1000).toFixed(6)));
    else if (name === "memory") out.memory = Math.ceil(value);
    else if (name === "ephemeral-storage") out.ephemeral = Math.ceil(value);
    else if (isScalar(name)) out.scalars.set(name, Math.ceil(value));
  }
  return out;
}

/** Adds `b`, `sign` times, to `a` in place. */
export function addTo(a: Resources, b: Resources, sign: 1 | -1 = 1): void {
  a.cpu += sign * b.cpu;
  a.memory += sign * b.memory;
  a.ephemeral += sign * b.ephemeral;
  for (const [name, value] of b.scalars) {
    const next = (a.scalars.get(name) ?? 0) + sign * value;
    if (next === 0) a.scalars.delete(name);
    else a.scalars.set(name, next);
  }
}

function maxInto(a: Resources, b: Resources): void {
  a.cpu = Math.max(a.cpu, b.cpu);
  a.memory = Math.max(a.memory, b.memory);
  a.ephemeral = Math.max(a.ephemeral, b.ephemeral);
  for (const [name, value] of b.scalars) a.scalars.set(name, Math.max(a.scalars.get(name) ?? 0, value));
}

const copy = (a: Resources): Resources => ({ cpu: a.cpu, memory: a.memory, ephemeral: a.ephemeral, scalars: new Map(a.scalars) });

/** What a pod needs of a node. With `nonZero` containers that ask for no cpu or memory count with the defaults of scoring. */
export function podRequests(spec: PodSpec, nonZero = false): Resources {
  const of = (container: Container): Resources => {
    const out = fromList(container.resources?.requests);
    if (nonZero) {
      if (container.resources?.requests?.cpu === undefined) out.cpu = DEFAULT_CPU;
      if (container.resources?.requests?.memory === undefined) out.memory = DEFAULT_MEMORY;
    }
    return out;
  };
  const total = noResources();
  for (const container of spec.containers ?? []) addTo(total, of(container));
  // Sidecars run beside everything after them; an ordinary init container beside the sidecars before it.
  const sidecars = noResources();
  const init = noResources();
  for (const container of spec.initContainers ?? []) {
    const need = of(container);
    if (container.restartPolicy === "Always") {
      addTo(total, need);
      addTo(sidecars, need);
      maxInto(init, sidecars);
    } else {
      const peak = copy(sidecars);
      addTo(peak, need);
      maxInto(init, peak);
    }
  }
  maxInto(total, init);
  const podLevel = spec.resources?.requests;
  if (podLevel) {
    const given = fromList(podLevel);
    if (podLevel.cpu !== undefined) total.cpu = given.cpu;
    if (podLevel.memory !== undefined) total.memory = given.memory;
    for (const [name, value] of given.scalars) if (name.startsWith("hugepages-")) total.scalars.set(name, value);
  }
  if (spec.overhead) addTo(total, fromList(spec.overhead));
  return total;
}
