import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { parseDuration } from "../../../kinds/time.js";
import { CorefileError, type Directive } from "../../corefile/directive.js";
import { argsOf, linesOf, once, unknownProperty } from "../../corefile/read.js";
import { fallOf, originsOf } from "../../corefile/zones.js";
import type { Setup, SetupContext } from "../../plugin.js";
import { type HostsFile, type HostsOptions, hosts } from "./serve.js";

const DEFAULTS = { ttl: 3600, reverse: true, reload: 5000, fallthrough: [], fallthroughUnsupported: false, file: "/etc/hosts", inline: "" };
const MAX_TTL = 65535;

function ttlOf({ args, line }: Directive): number {
  if (args.length === 0) throw new CorefileError(line, "ttl needs a time in second");
  if (!/^[+-]?\d+$/.test(args[0])) throw new CorefileError(line, "ttl needs a number of second");
  const ttl = Number(args[0]);
  if (ttl <= 0 || ttl > MAX_TTL) throw new CorefileError(line, "ttl provided is invalid");
  return ttl;
}

function reloadOf({ args, line }: Directive): number {
  if (args.length !== 1) throw new CorefileError(line, "reload needs a duration (zero seconds to disable)");
  let reload: number;
  try {
    reload = parseDuration(args[0]);
  } catch {
    throw new CorefileError(line, `invalid duration for reload '${args[0]}'`);
  }
  if (reload < 0) throw new CorefileError(line, `invalid negative duration for reload '${args[0]}'`);
  return reload;
}

function propertyOf(property: Directive): Partial<HostsOptions> | undefined {
  switch (property.name) {
    case "fallthrough":
      return { fallthrough: fallOf(property.args) };
    case "fallthrough_unsupported":
      argsOf(property, 0);
      return { fallthroughUnsupported: true };
    case "no_reverse":
      return { reverse: false };
    case "ttl":
      return { ttl: ttlOf(property) };
    case "reload":
      return { reload: reloadOf(property) };
    default:
      return undefined;
  }
}

/** Reads a `hosts` directive; `folder` is where relative names of files start from. Errors: CorefileError. Source: CoreDNS plugin/hosts/setup.go. */
export function hostsOptions(directive: Directive, zones: readonly string[], folder: string): HostsOptions {
  const [file = DEFAULTS.file, ...own] = directive.args;
  let options: HostsOptions = { ...DEFAULTS, file: path.resolve(folder, file), zones: originsOf(own, zones) };
  const inline: string[] = [];
  for (const property of linesOf(directive)) {
    const more = propertyOf(property);
    if (more) options = { ...options, ...more };
    // behind `fallthrough` stand no more hosts
    else if (options.fallthrough.length > 0) throw unknownProperty(property);
    else inline.push([property.name, ...property.args].join(" "));
  }
  if (options.fallthroughUnsupported && options.fallthrough.length === 0)
    throw new CorefileError(directive.line, "fallthrough_unsupported requires fallthrough");
  return { ...options, inline: inline.join("\n") };
}

/** The file, read again when its time or its size is another one. */
function watched(file: string): HostsFile["read"] {
  let last = "";
  return async () => {
    try {
      const handle = await open(file);
      try {
        const { mtimeMs, size } = await handle.stat();
        if (last === `${mtimeMs} ${size}`) return undefined;
        const text = await handle.readFile("utf8");
        last = `${mtimeMs} ${size}`;
        return text;
      } finally {
        await handle.close();
      }
    } catch {
      // what was read before it went away still counts
      return undefined;
    }
  };
}

/** A file that is named and not there may come yet. */
function check({ args, line }: Directive, file: string, log: SetupContext["log"]): void {
  if (args.length === 0) return;
  try {
    if (statSync(file).isDirectory()) log.warn({ plugin: "hosts" }, `Hosts file "${file}" is a directory`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new CorefileError(line, `unable to access hosts file '${file}': ${message}`);
    log.warn({ plugin: "hosts" }, `File does not exist: ${file}`);
  }
}

export const setup: Setup = (directive, { block, cluster, folder, log }, all) => {
  once(all);
  const options = hostsOptions(directive, block.zones, folder);
  check(directive, options.file, log);
  return hosts(options, {
    read: watched(options.file),
    every(ms, run) {
      const timer = setInterval(run, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
    // as if a zone had changed: whatever is kept of answers is old
    changed: () => cluster.generation++,
  });
};
