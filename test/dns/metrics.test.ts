import { describe, expect, it } from "vitest";
import { createMetrics, type SeriesLabels } from "../../dns/metrics.js";

const labels: SeriesLabels = { server: "dns://:53", zone: "cluster.local.", view: "", proto: "udp", family: "1", type: 1, rcode: 0, plugin: "kubernetes" };

describe("#6.7 DNS: metrics", () => {
  it("have CoreDNS's names, labels and buckets", () => {
    const metrics = createMetrics();
    metrics.series(labels).observe(60, 120, 0.0003);
    metrics.series(labels).observe(60, 70_000, 9);
    metrics.series({ ...labels, rcode: 3 }).observe(40, 40, 0.1);
    const text = metrics.text();
    const place = 'server="dns://:53",zone="cluster.local.",view=""';
    for (const line of [
      "# HELP coredns_dns_requests_total Counter of DNS requests made per zone, protocol and family.",
      "# TYPE coredns_dns_requests_total counter",
      `coredns_dns_requests_total{${place},proto="udp",family="1",type="A"} 3`,
      `coredns_dns_responses_total{${place},rcode="NOERROR",plugin="kubernetes"} 2`,
      `coredns_dns_responses_total{${place},rcode="NXDOMAIN",plugin="kubernetes"} 1`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="0.00025"} 0`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="0.0005"} 1`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="8.192"} 2`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="+Inf"} 3`,
      `coredns_dns_request_size_bytes_bucket{${place},proto="udp",le="100"} 3`,
      `coredns_dns_response_size_bytes_bucket{${place},proto="udp",le="64000"} 2`,
      `coredns_dns_response_size_bytes_sum{${place},proto="udp"} 70160`,
      "coredns_panics_total 0",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("types that nobody watches are one series, and the same labels are the same series", () => {
    const metrics = createMetrics();
    expect(metrics.series({ ...labels, type: 1234 })).toBe(metrics.series({ ...labels, type: 4321 }));
    expect(metrics.series(labels)).toBe(metrics.series({ ...labels }));
    metrics.series({ ...labels, type: 65_000 }).observe(1, 1, 1);
    expect(metrics.text()).toContain('type="other"} 1');
  });

  it("plugins count on their own, and what stands in a label is quoted", () => {
    const metrics = createMetrics();
    metrics.counter("coredns_cache_hits_total", "The count of cache hits.", { type: 'a"b\\c\nd' }).value += 2;
    expect(metrics.text()).toContain('coredns_cache_hits_total{type="a\\"b\\\\c\\nd"} 2\n');
  });
});
