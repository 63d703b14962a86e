/** What an exchange is counted by. */
export interface SeriesLabels {
  readonly server: string;
  /** The zone of the server block, with its last dot; "dropped" when none took it. */
  readonly zone: string;
  readonly view: string;
  readonly proto: "udp" | "tcp" | "grpc";
  /** "1" for IPv4, "2" for IPv6. */
  readonly family: "1" | "2";
  /** Type of the question, its number. */
  readonly type: number;
  readonly rcode: number;
  /** The plugin that wrote the answer, as CoreDNS has it: the first that the question came to; none for nothing but a code. */
  readonly plugin: string;
  /** The client wants signatures (DO). */
  readonly signed: boolean;
}

/** Exchanges of one kind: who keeps it, counts with a few additions. */
export interface Series {
  /** Sizes in bytes. */
  observe(request: number, response: number, seconds: number): void;
}

type Labels = Readonly<Record<string, string>>;

/** CoreDNS's metrics, under its names. Source: plugin/metrics/vars. */
export interface Metrics {
  series(labels: SeriesLabels): Series;
  /** A plugin threw. */
  panicked(): void;
  /** A counter of a plugin's own: `coredns_cache_hits_total`. The same name has the same help and the same labels each time. */
  counter(name: string, help: string, labels: Labels): Counter;
  /** The same for what goes up and down. */
  gauge(name: string, help: string, labels: Labels): Counter;
  /** Forgets all that has a name. */
  forget(name: string): void;
  /** The same for how long things take, in seconds. */
  times(name: string, help: string, labels: Labels): { observe(seconds: number): void };
  /** Prometheus' text format, version 0.0.4. */
  text(): string;
}

export interface Counter {
  value: number;
}

const SIZES = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3];
/** Source: CoreDNS plugin.TimeBuckets. */
const TIMES = [0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192];
/** All others are "other", so that no client makes series without end. Source: plugin/metrics/vars/monitor.go. */
const TYPES = new Map(
  Object.entries({
    A: 1,
    NS: 2,
    CNAME: 5,
    SOA: 6,
    PTR: 12,
    MX: 15,
    TXT: 16,
    AAAA: 28,
    SRV: 33,
    DS: 43,
    RRSIG: 46,
    NSEC: 47,
    DNSKEY: 48,
    NSEC3: 50,
    SVCB: 64,
    HTTPS: 65,
    IXFR: 251,
    AXFR: 252,
    ANY: 255,
  }).map(([name, number]) => [number, name]),
);
const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length).fill(0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    for (let i = 0; i < this.#bounds.length; i++) {
      if (value > this.#bounds[i]) continue;
      this.#counts[i]++;
      return;
    }
  }

  lines(name: string, labels: string): string[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, i) => {
      below += this.#counts[i];
      return `${name}_bucket{${labels},le="${bound}"} ${below}`;
    });
    return [...buckets, `${name}_bucket{${labels},le="+Inf"} ${this.#count}`, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${this.#count}`];
  }
}

type Kind = "counter" | "gauge" | "histogram";

/** All that has one name: by the text of its labels. */
class Family<T> {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  readonly of = new Map<string, T>();
  readonly #make: () => T;

  constructor(name: string, help: string, kind: Kind, make: () => T) {
    this.name = name;
    this.help = help;
    this.kind = kind;
    this.#make = make;
  }

  get(labels: Labels): T {
    // in the order in which Prometheus' own library writes them
    const key = Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`)
      .join(",");
    let one = this.of.get(key);
    if (one === undefined) {
      one = this.#make();
      this.of.set(key, one);
    }
    return one;
  }
}

const count = (): Counter => ({ value: 0 });
const counters = (name: string, help: string): Family<Counter> => new Family(name, help, "counter", count);
const gauges = (name: string, help: string): Family<Counter> => new Family(name, help, "gauge", count);
const histograms = (name: string, help: string, bounds: readonly number[]): Family<Histogram> =>
  new Family(name, help, "histogram", () => new Histogram(bounds));

function show(family: Family<Counter> | Family<Histogram>): string {
  const { name, help, kind, of } = family;
  if (of.size === 0) return "";
  const sorted = [...of].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.flatMap(([labels, one]) => (one instanceof Histogram ? one.lines(name, labels) : [`${name}${labels && `{${labels}}`} ${one.value}`]));
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n")}\n`;
}

/** The metrics of one cluster's DNS. */
export function createMetrics(): Metrics {
  const requests = counters("coredns_dns_requests_total", "Counter of DNS requests made per zone, protocol and family.");
  const durations = histograms("coredns_dns_request_duration_seconds", "Histogram of the time (in seconds) each request took per zone.", TIMES);
  const signing = counters("coredns_dns_do_requests_total", "Counter of DNS requests with DO bit set per zone.");
  const requestSizes = histograms("coredns_dns_request_size_bytes", "Size of the EDNS0 UDP buffer in bytes (64K for TCP) per zone and protocol.", SIZES);
  const responseSizes = histograms("coredns_dns_response_size_bytes", "Size of the returned response in bytes.", SIZES);
  const responses = counters("coredns_dns_responses_total", "Counter of response status codes.");
  const panics = counters("coredns_panics_total", "A metrics that counts the number of panics.");
  panics.get({});
  const families = new Map<string, Family<Counter> | Family<Histogram>>(
    [requests, signing, durations, requestSizes, responseSizes, responses, panics].map((family) => [family.name, family]),
  );
  const own = <F extends Family<Counter> | Family<Histogram>>(name: string, make: () => F): F => {
    const family = (families.get(name) as F | undefined) ?? make();
    families.set(name, family);
    return family;
  };
  const kept = new Map<string, Series>();

  const seriesOf = ({ server, zone, view, proto, family, type, rcode, plugin, signed }: SeriesLabels): Series => {
    const place = { server, zone, view };
    const request = requests.get({ ...place, proto, family, type: TYPES.get(type) ?? "other" });
    const response = responses.get({ ...place, rcode: RCODES[rcode] ?? `RCODE${rcode}`, plugin });
    const duration = durations.get(place);
    const signs = signed ? signing.get(place) : undefined;
    const requestSize = requestSizes.get({ ...place, proto });
    const responseSize = responseSizes.get({ ...place, proto });
    return {
      observe(requestBytes, responseBytes, seconds) {
        request.value++;
        if (signs) signs.value++;
        response.value++;
        duration.observe(seconds);
        requestSize.observe(requestBytes);
        responseSize.observe(responseBytes);
      },
    };
  };

  return {
    series(labels) {
      const type = TYPES.has(labels.type) ? labels.type : 0;
      const { server, zone, view, proto, family, rcode, plugin, signed } = labels;
      const key = `${server} ${zone} ${view} ${proto} ${family} ${type} ${rcode} ${signed} ${plugin}`;
      let series = kept.get(key);
      if (!series) {
        series = seriesOf(labels);
        kept.set(key, series);
      }
      return series;
    },
    panicked() {
      panics.get({}).value++;
    },
    counter: (name, help, labels) => own(name, () => counters(name, help)).get(labels),
    gauge: (name, help, labels) => own(name, () => gauges(name, help)).get(labels),
    forget: (name) => void families.delete(name),
    times: (name, help, labels) => own(name, () => histograms(name, help, TIMES)).get(labels),
    text: () => {
      const sorted = [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted.map(show).join("");
    },
  };
}
