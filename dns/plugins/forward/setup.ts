import type { Setup, SetupContext } from "../../plugin.js";
import { rcodeName } from "../../wire/rcodes.js";
import { addressOf } from "./channel.js";
import { createHealth } from "./health.js";
import { type ForwardOptions, forwardOptions } from "./options.js";
import { forward, type Servers } from "./serve.js";
import { createUpstream, type UpstreamCounters } from "./upstream.js";

const CACHE = "Counter of connection cache";

/** Counts under CoreDNS's names. Source: plugin/pkg/proxy/metrics.go, plugin/forward/metrics.go. */
function countersOf({ metrics }: SetupContext, to: string): UpstreamCounters & { failed(): void; took(rcode: number, seconds: number): void } {
  const labels = { proxy_name: "forward", to };
  return {
    took: (rcode, seconds) =>
      metrics
        .times("coredns_proxy_request_duration_seconds", "Histogram of the time each request took.", { ...labels, rcode: rcodeName(rcode) })
        .observe(seconds),
    hit: (proto) => void metrics.counter("coredns_proxy_conn_cache_hits_total", `${CACHE} hits per upstream and protocol.`, { ...labels, proto }).value++,
    miss: (proto) => void metrics.counter("coredns_proxy_conn_cache_misses_total", `${CACHE} misses per upstream and protocol.`, { ...labels, proto }).value++,
    failed: () => void metrics.counter("coredns_proxy_healthcheck_failures_total", "Counter of the number of failed healthchecks.", labels).value++,
  };
}

function serversOf(options: ForwardOptions, context: SetupContext): Servers {
  const { metrics, random } = context;
  const broken = metrics.counter("coredns_forward_healthcheck_broken_total", "Counter of the number of complete failures of the healthchecks.", {});
  const rejected = metrics.counter(
    "coredns_forward_max_concurrent_rejects_total",
    "Counter of the number of queries rejected because the concurrent queries were at maximum.",
    {},
  );
  return {
    all: options.to.map((endpoint) => {
      const counters = countersOf(context, addressOf(endpoint));
      const upstream = createUpstream(endpoint, options, counters);
      return { upstream, health: createHealth(upstream, options, random, counters.failed), took: counters.took };
    }),
    random,
    now: () => performance.now(),
    broken: () => void broken.value++,
    rejected: () => void rejected.value++,
  };
}

/** `forward FROM TO... { … }`, as often as a block likes. Errors: CorefileError. Source: CoreDNS plugin/forward/setup.go. */
export const setup: Setup = (_directive, context, all) =>
  forward(
    all.map((directive) => {
      const options = forwardOptions(directive, context.folder);
      return { options, servers: serversOf(options, context) };
    }),
  );
