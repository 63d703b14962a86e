import { describe, expect, it } from "vitest";
import { compareUnderLoad, readDnsperf } from "../../bench/beside/dnsperf.js";
import { loadTable } from "../../bench/table.js";

const STATISTICS = [
  "Statistics:",
  "",
  "  Queries sent:         200",
  "  Queries completed:    198 (99.00%)",
  "  Queries lost:         2 (1.00%)",
  "",
  "  Response codes:       NOERROR 198 (100.00%)",
  "  Run time (s):         0.100000",
  "  Queries per second:   1980.500000",
  "",
  "  Average Latency (s):  0.000100 (min 0.000001, max 0.000200)",
].join("\n");

describe("#6.2 bench: names under load, beside CoreDNS", () => {
  it("reads what dnsperf says, and the latency of each answer where it tells", () => {
    expect(readDnsperf(STATISTICS)).toEqual({ perSecond: 1980.5, sent: 200, lost: 2 });
    const told = Array.from({ length: 100 }, (_, i) => `> NOERROR web-${i}.nginx A 0.${String(i + 1).padStart(6, "0")}`);
    expect(readDnsperf([...told, STATISTICS].join("\n")).latency).toEqual({ p50: expect.closeTo(0.051), p99: expect.closeTo(0.1) });
    expect(() => readDnsperf("Error: no such file")).toThrow('dnsperf says nothing of "Queries per second": Error: no such file');
  });

  it("shows both in a row", () => {
    const heard = (perSecond: number) => ({ perSecond, lost: 0, full: { p50: 1, p99: 2 }, steady: { p50: 0.1, p99: 0.2 } });
    const rows = loadTable([{ name: "names", mockube: heard(3000), coredns: heard(1500), steadyRate: 750 }]).split("\n");
    expect(rows[1].split(/ {2,}/)).toEqual(["names", "3,000 / 1,500", "2.00×", "0 / 0", "2.00 / 2.00", "0.20 / 0.20", "750/s"]);
  });

  it("needs both programs", async () => {
    const none = { cli: "main.js", scale: 1, coredns: process.execPath, dnsperf: "/nowhere/dnsperf" };
    await expect(compareUnderLoad(none)).rejects.toThrow("/nowhere/dnsperf is not there, or no program");
  });
});
