import { describe, expect, it } from "vitest";
import { createMetrics, type SeriesLabels } from "../../dns/metrics.js";

const labels: SeriesLabels = {
  server: "dns://:53",
  zone: "cluster.local.",
  view: "",
  proto: "udp",
  family: "1",
  type: 1,
  rcode: 0,
  plugin: "errors",
  signed: false,
};

describe("#6.7 DNS: metrics", () => {
  it("have CoreDNS's names, labels and buckets", () => {
    const metrics = createMetrics();
    metrics.series(labels).observe(60, 120, 0.0003);
    metrics.series(labels).observe(60, 70_000, 9);
    metrics.series({ ...labels, rcode: 3 }).observe(40, 40, 0.1);
    metrics.series({ ...labels, rcode: 2, plugin: "", signed: true }).observe(40, 40, 0.1);
    const text = metrics.text();
    const place = 'server="dns://:53",view="",zone="cluster.local."';
    for (const line of [
      "# HELP coredns_dns_requests_total Counter of DNS requests made per zone, protocol and family.",
      "# TYPE coredns_dns_requests_total counter",
      'coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="cluster.local."} 4',
      `coredns_dns_responses_total{plugin="errors",rcode="NOERROR",${place}} 2`,
      `coredns_dns_responses_total{plugin="errors",rcode="NXDOMAIN",${place}} 1`,
      `coredns_dns_responses_total{plugin="",rcode="SERVFAIL",${place}} 1`,
      `coredns_dns_do_requests_total{${place}} 1`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="0.00025"} 0`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="0.0005"} 1`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="8.192"} 3`,
      `coredns_dns_request_duration_seconds_bucket{${place},le="+Inf"} 4`,
      `coredns_dns_request_size_bytes_bucket{proto="udp",${place},le="100"} 4`,
      `coredns_dns_response_size_bytes_bucket{proto="udp",${place},le="64000"} 3`,
      `coredns_dns_response_size_bytes_sum{proto="udp",${place}} 70200`,
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
    expect(metrics.text()).toContain('coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="other",view="",zone="cluster.local."} 1');
  });

  it("names, and what there is of each, are in order, as Prometheus' own library has them", () => {
    const metrics = createMetrics();
    metrics.gauge("coredns_b", "B.", { z: "2", a: "1" }).value = 1;
    metrics.gauge("coredns_b", "B.", { z: "1", a: "1" }).value = 2;
    metrics.counter("coredns_a_total", "A.", {}).value = 3;
    const lines = metrics.text().split("\n");
    expect(lines.filter((text) => /_[ab]/.test(text) && !text.startsWith("#"))).toEqual([
      "coredns_a_total 3",
      'coredns_b{a="1",z="1"} 2',
      'coredns_b{a="1",z="2"} 1',
    ]);
    metrics.forget("coredns_b");
    expect(metrics.text()).not.toContain("coredns_b");
  });

  it("plugins count on their own, and what stands in a label is quoted", () => {
    const metrics = createMetrics();
    metrics.counter("coredns_cache_hits_total", "The count of cache hits.", { type: 'a"b\\c\nd' }).value += 2;
    expect(metrics.text()).toContain('coredns_cache_hits_total{type="a\\"b\\\\c\\nd"} 2\n');
  });
});
