import type { Ratio } from "./beside/compare.js";
import type { Heard, UnderLoad } from "./beside/dnsperf.js";
import type { Figure, Report } from "./types.js";

const DIGITS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

const show = (value: number | null | undefined, unit: string): string =>
  value === null || value === undefined ? "-" : `${(value < 100 ? FINE : DIGITS).format(value)} ${unit}`;

/** Rows in columns, the first and the last to the left. */
function columns(all: readonly (readonly string[])[]): string[] {
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) =>
    row
      .map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

/** The report for people: one line per figure. */
export function table(report: Report): string {
  const rows = report.figures.map((figure) => [
    figure.name,
    show(figure.value, figure.unit),
    latency(figure),
    cpu(figure),
    show(figure.ceiling, figure.unit),
    figure.note ?? "",
  ]);
  const all = [["", "measured", "latency p50 / p99", "server CPU", "ceiling", ""], ...rows];
  const lines = columns(all);
  return [`${report.target}; Node ${report.node}, ${report.cpus} CPUs, ${report.settings.workers} requests in flight`, "", ...lines].join("\n");
}

/** mockube beside kube-apiserver and etcd, for people. */
export function besideTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map(({ name, unit, mockube, upstream, times, cpuMs, client }) => [
    name,
    show(mockube, unit),
    show(upstream, unit),
    `${times.toFixed(1)}×`,
    cpuMs ? cpuMs.map((ms) => `${ms.toFixed(ms < 1 ? 3 : 1)} ms`).join(" / ") : "",
    show(client, unit),
    "",
  ]);
  return columns([["", "mockube", "kube-apiserver, etcd", "better", "server CPU each", "client alone", ""], ...rows]).join("\n");
}

/** mockube's names beside CoreDNS's under load, for people. */
export function loadTable(figures: readonly UnderLoad[]): string {
  const both = (of: (one: Heard) => string, { mockube, coredns }: UnderLoad): string => `${of(mockube)} / ${of(coredns)}`;
  const rows = figures.map((figure) => [
    figure.name,
    both(({ perSecond }) => DIGITS.format(perSecond), figure),
    `${(figure.mockube.perSecond / figure.coredns.perSecond).toFixed(2)}×`,
    both(({ lost }) => DIGITS.format(lost), figure),
    both(({ full }) => full.p99.toFixed(2), figure),
    both(({ steady }) => steady.p99.toFixed(2), figure),
    `${DIGITS.format(figure.steadyRate)}/s`,
  ]);
  const head = ["mockube / CoreDNS", "answers a second", "times", "lost", "p99 at full load, ms", "p99 at a steady rate, ms", "of"];
  return columns([head, ...rows]).join("\n");
}

const latency = ({ latency: l }: Figure): string => (l ? `${l.p50.toFixed(1)} / ${l.p99.toFixed(1)} ms` : "");

const cpu = ({ cpuMs, unit }: Figure): string => (cpuMs === undefined ? "" : `${cpuMs.toFixed(cpuMs < 10 ? 3 : 0)} ms${unit === "/s" ? " each" : ""}`);
