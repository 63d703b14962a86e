/** Probes and lifecycle handlers. Source: pkg/apis/core/validation validateHandler, validateProbe, validateLifecycle. */
import { type FieldError, forbidden, invalid, notSupported, required } from "../../field.js";
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from "../../schema/api/core.v1.js";
import { validateNonnegative } from "../../validation/metadata.js";
import { isHTTPHeaderName, isValidPortName, isValidPortNum } from "../../validation/names.js";

function validatePortNumOrName(port: number | string | undefined, path: string): FieldError[] {
  if (typeof port === "string") return isValidPortName(port).map((text) => invalid(path, port, text));
  const n = port ?? 0;
  return isValidPortNum(n).map((text) => invalid(path, n, text));
}

function validateHTTPGet(http: HTTPGetAction, path: string): FieldError[] {
  const out: FieldError[] = [];
  if (!http.path) out.push(required(`${path}.path`));
  out.push(...validatePortNumOrName(http.port, `${path}.port`));
  if (http.scheme !== "HTTP" && http.scheme !== "HTTPS") out.push(notSupported(`${path}.scheme`, http.scheme ?? "", ["HTTP", "HTTPS"]));
  for (const header of http.httpHeaders ?? [])
    for (const text of isHTTPHeaderName(header.name ?? "")) out.push(invalid(`${path}.httpHeaders`, header.name ?? "", text));
  return out;
}

/** Exactly one handler; the first in upstream's order is judged, the others are forbidden. `grace` is the pod's, for sleep. */
function validateHandler(handler: Partial<LifecycleHandler> & Pick<Probe, "grpc">, grace: number | undefined, path: string): FieldError[] {
  const rules: [field: "exec" | "httpGet" | "tcpSocket" | "grpc" | "sleep", check: (at: string) => FieldError[]][] = [
    ["exec", (at) => (handler.exec?.command?.length ? [] : [required(`${at}.command`)])],
    ["httpGet", (at) => validateHTTPGet(handler.httpGet as HTTPGetAction, at)],
    ["tcpSocket", (at) => validatePortNumOrName(handler.tcpSocket?.port, `${at}.port`)],
    ["grpc", (at) => validatePortNumOrName(handler.grpc?.port, `${at}.port`)],
    [
      "sleep",
      (at) => {
        const seconds = handler.sleep?.seconds ?? 0;
        if (grace === undefined || (seconds >= 0 && seconds <= grace)) return [];
        return [invalid(at, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)];
      },
    ],
  ];
  const set = rules.filter(([field]) => handler[field] !== undefined && handler[field] !== null);
  if (set.length === 0) return [required(path, "must specify a handler type")];
  return set.flatMap(([field, check], i) =>
    i === 0 ? check(`${path}.${field}`) : [forbidden(`${path}.${field}`, "may not specify more than 1 handler type")],
  );
}

type ProbeKind = "livenessProbe" | "readinessProbe" | "startupProbe";

/** One probe of a container; `path` is the container's. */
export function validateProbe(kind: ProbeKind, probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const at = `${path}.${kind}`;
  // Probes have no sleep handler, so the grace period plays no part; `sleep` is not in their type and strict decoding has dropped it.
  const out = validateHandler(probe, undefined, at);
  for (const field of ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const)
    out.push(...validateNonnegative(probe[field] ?? 0, `${at}.${field}`));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) out.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  if (kind === "readinessProbe") {
    if (grace !== undefined) out.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes"));
  } else if ((probe.successThreshold ?? 0) !== 1) out.push(invalid(`${at}.successThreshold`, probe.successThreshold ?? 0, "must be 1"));
  return out;
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, grace: number | undefined, path: string): FieldError[] {
  if (!lifecycle) return [];
  return [
    ...(lifecycle.postStart ? validateHandler(lifecycle.postStart, grace, `${path}.postStart`) : []),
    ...(lifecycle.preStop ? validateHandler(lifecycle.preStop, grace, `${path}.preStop`) : []),
  ];
}
