import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argError, argsOf, at, durationOf, intOf, linesOf } from "../../corefile/read.js";
import { splitHostPort, splitTransport, zoneOf } from "../../corefile/zones.js";
import { rcodeOf } from "../../wire/rcodes.js";
import { addressOf, type Endpoint } from "./channel.js";

/** How one `forward` asks other servers. Durations in milliseconds; zones in lower case, without the last dot. */
export interface ForwardOptions {
  readonly from: string;
  readonly except: readonly string[];
  readonly to: readonly Endpoint[];
  readonly policy: "random" | "round_robin" | "sequential";
  readonly forceTcp: boolean;
  readonly preferUdp: boolean;
  /** A server that failed more often than this counts as down; 0: none ever does. */
  readonly maxFails: number;
  /** How often one question is asked at most when servers cannot be reached; 0: as long as there is time. */
  readonly maxAttempts: number | undefined;
  readonly health: { readonly interval: number; readonly recursion: boolean; readonly name: string };
  readonly expire: number;
  readonly maxAge: number;
  readonly maxIdle: number;
  readonly readTimeout: number;
  /** Questions at the same time; 0: any number. */
  readonly maxConcurrent: number;
  /** With these the next `forward` is asked. */
  readonly next: readonly number[];
  readonly nextOnNodata: boolean;
  /** With these the next server is asked. */
  readonly failover: readonly number[];
  /** No server is tried when all are down. */
  readonly failfast: boolean;
}

const PORT = 53;
const MAX_UPSTREAMS = 15;
const DEFAULTS: Omit<ForwardOptions, "from" | "to"> = {
  except: [],
  policy: "random",
  forceTcp: false,
  preferUdp: false,
  maxFails: 2,
  maxAttempts: undefined,
  health: { interval: 500, recursion: true, name: "" },
  expire: 10_000,
  maxAge: 0,
  maxIdle: 0,
  readTimeout: 2000,
  maxConcurrent: 0,
  next: [],
  nextOnNodata: false,
  failover: [],
  failfast: false,
};
const LEFT_OUT: readonly string[] = ["tls", "tls_servername", "doh_method", "resolver", "source_address"];

/** Go's strconv.ParseUint with 32 bits. */
function uintOf(text: string, line: number): number {
  if (!/^\d+$/.test(text)) throw new CorefileError(line, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (Number(text) > 0xffffffff) throw new CorefileError(line, `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

const one = (property: Directive): string => argsOf(property, 1, Number.POSITIVE_INFINITY)[0];

function flag(property: Directive): true {
  argsOf(property, 0);
  return true;
}

function lastingOf(property: Directive): number {
  const text = one(property);
  const duration = durationOf(text, property.line);
  if (duration < 0) throw new CorefileError(property.line, `${property.name} can't be negative: ${text}`);
  return duration;
}

function countOf(property: Directive): number {
  const count = intOf(one(property), property.line);
  if (count < 0) throw new CorefileError(property.line, `${property.name} can't be negative: ${count}`);
  return count;
}

function readTimeoutOf(property: Directive): number {
  const text = one(property);
  const duration = durationOf(text, property.line);
  if (duration <= 0) throw new CorefileError(property.line, `read_timeout must be positive: ${text}`);
  return duration;
}

function policyOf(property: Directive): ForwardOptions["policy"] {
  const policy = one(property);
  if (policy !== "random" && policy !== "round_robin" && policy !== "sequential") throw new CorefileError(property.line, `unknown policy '${policy}'`);
  return policy;
}

const rcodesOf = (property: Directive): number[] =>
  argsOf(property, 1, Number.POSITIVE_INFINITY).map((text) => {
    const rcode = rcodeOf(text.toUpperCase());
    if (rcode === undefined) throw new CorefileError(property.line, `${text} is not a valid rcode`);
    if (rcode === 0 && property.name === "failover") throw new CorefileError(property.line, "NoError cannot be used in failover");
    return rcode;
  });

function healthOf({ args, line, name }: Directive): ForwardOptions["health"] {
  const [every, ...options] = args;
  if (every === undefined) throw argError({ args, line, name, block: undefined });
  const interval = durationOf(every, line);
  if (interval < 0) throw new CorefileError(line, `health_check can't be negative: ${interval * 1e6}`);
  let health = { ...DEFAULTS.health, interval };
  for (let i = 0; i < options.length; i++) {
    if (options[i] === "no_rec") health = { ...health, recursion: false };
    else if (options[i] !== "domain") throw new CorefileError(line, `health_check: unknown option ${options[i]}`);
    else {
      const domain = options[++i];
      if (domain === undefined) throw argError({ args, line, name, block: undefined });
      try {
        health = { ...health, name: zoneOf(splitHostPort(domain).hosts[0]) };
      } catch {
        throw new CorefileError(line, `health_check: invalid domain name ${domain}`);
      }
    }
  }
  return health;
}

function propertyOf(property: Directive): Partial<ForwardOptions> {
  switch (property.name) {
    case "max_fails":
      return { maxFails: uintOf(one(property), property.line) };
    case "max_connect_attempts":
      return { maxAttempts: uintOf(one(property), property.line) };
    case "health_check":
      return { health: healthOf(property) };
    case "force_tcp":
      return { forceTcp: flag(property) };
    case "prefer_udp":
      return { preferUdp: flag(property) };
    case "expire":
      return { expire: lastingOf(property) };
    case "max_age":
      return { maxAge: lastingOf(property) };
    case "max_idle_conns":
      return { maxIdle: countOf(property) };
    case "read_timeout":
      return { readTimeout: readTimeoutOf(property) };
    case "policy":
      return { policy: policyOf(property) };
    case "max_concurrent":
      return { maxConcurrent: countOf(property) };
    case "next_on_nodata":
      return { nextOnNodata: flag(property) };
    case "failfast_all_unhealthy_upstreams":
      return { failfast: flag(property) };
    default:
      if (LEFT_OUT.includes(property.name))
        throw new CorefileError(property.line, `${property.name} is not supported; other servers are asked over UDP and TCP`);
      throw new CorefileError(property.line, `unknown property '${property.name}'`);
  }
}

/** The servers a file like /etc/resolv.conf names. Errors: CoreDNS's. */
function serversOf(file: string): Endpoint[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Error(missing ? `failed to open file "${file}": "open ${file}: no such file or directory"` : (error as Error).message);
  }
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([word, host]) => (word === "nameserver" && host !== undefined ? [{ host: host.replace(/%.*/, ""), port: PORT }] : []));
}

/** One argument: an address with or without a port, or a file. Source: CoreDNS plugin/pkg/parse HostPortOrFile. */
function endpointsOf(text: string, folder: string): Endpoint[] {
  const { transport, rest } = splitTransport(text);
  if (transport !== "dns") throw new Error(`'${transport}' is not supported as a destination protocol in forward: ${text}`);
  if (rest === "") throw new Error(`invalid address: ${JSON.stringify(text)}`);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(rest) ?? [];
  const host = bracketed ?? plain ?? rest.replace(/^\[|\]$/g, "");
  if (isIP(host.replace(/%.*/, "")) > 0) return [{ host, port: port === undefined ? PORT : Number(port) }];
  const file = path.resolve(folder, rest);
  try {
    return serversOf(file);
  } catch (error) {
    if (!/[/\\]/.test(rest) && /^[\w.-]+$/.test(host)) throw new Error(`names of servers are not supported: write the address of ${JSON.stringify(host)}`);
    throw new Error(`not an IP address or file ${JSON.stringify(rest)}: ${(error as Error).message}`);
  }
}

function upstreamsOf(args: readonly string[], folder: string): Endpoint[] {
  const all = args.flatMap((arg) => endpointsOf(arg, folder));
  const seen = new Map(all.map((endpoint) => [addressOf(endpoint), endpoint]));
  if (seen.size === 0) throw new Error("no valid upstream addresses found");
  if (seen.size > MAX_UPSTREAMS) throw new Error(`more than ${MAX_UPSTREAMS} TOs configured: ${seen.size}`);
  return [...seen.values()];
}

/** Reads a `forward` directive; `folder` is where relative names of files start from. Errors: CorefileError. Source: CoreDNS plugin/forward/setup.go. */
export function forwardOptions(directive: Directive, folder: string): ForwardOptions {
  const { args, line } = directive;
  const [from, ...to] = args;
  if (from === undefined || to.length === 0) throw argError(directive);
  const zonesOf = (text: string): string[] => splitHostPort(splitTransport(text).rest).hosts.map(zoneOf);
  const zone = at(line, () => {
    try {
      return zonesOf(from)[0];
    } catch {
      throw new Error(`unable to normalize '${from}'`);
    }
  });
  let options: Omit<ForwardOptions, "from" | "to"> = DEFAULTS;
  for (const property of linesOf(directive)) {
    const names = property.name === "except" ? argsOf(property, 1, Number.POSITIVE_INFINITY) : [];
    if (names.length > 0) options = { ...options, except: [...options.except, ...names.flatMap((name) => at(property.line, () => zonesOf(name)))] };
    else if (property.name === "next") options = { ...options, next: [...options.next, ...rcodesOf(property)] };
    else if (property.name === "failover") options = { ...options, failover: [...options.failover, ...rcodesOf(property)] };
    else options = { ...options, ...propertyOf(property) };
  }
  if (options.maxAge > 0 && options.maxAge < options.expire) throw new CorefileError(line, "max_age must not be less than expire");
  return { ...options, from: zone, to: at(line, () => upstreamsOf(to, folder)) };
}
