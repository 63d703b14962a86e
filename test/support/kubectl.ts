import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Cluster, type ClusterOptions, startCluster } from "../../cluster/index.js";
import type { Doc, WatchEvent } from "./http.js";

/** A kubeconfig of another API server to run the acceptance tests on. */
export const TARGET = process.env.MOCKUBE_TARGET;
/** The class whose volumes a foreign target makes on demand. */
export const CLASS = (TARGET && process.env.MOCKUBE_TARGET_CLASS) || "gp2";

function find(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    try {
      const file = path.join(folder, name);
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}
export const KUBECTL = find(process.platform === "win32" ? "kubectl.exe" : "kubectl");

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The words of a command line: spaces between, '…' and "…" around what has spaces. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, a, b) => a ?? b));
}

/** kubectl on one cluster and in one namespace. */
export class Kubectl {
  constructor(
    readonly kubeconfig: string,
    readonly cache: string,
    readonly namespace: string,
    /** Undefined when the target is not ours. */
    readonly cluster: Cluster | undefined,
  ) {}

  start(line: string): ChildProcess {
    return spawn(KUBECTL as string, [`--kubeconfig=${this.kubeconfig}`, `--cache-dir=${this.cache}`, `--namespace=${this.namespace}`, ...words(line)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
    });
  }

  /** Runs a command; `input` is its stdin, objects as JSON. */
  run(line: string, input?: string | object): Promise<Said> {
    const child = this.start(line);
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    // a command that fails at once does not read its input
    child.stdin?.on("error", () => {}).end(typeof input === "object" ? JSON.stringify(input) : input);
    const limit = setTimeout(() => {
      stderr += "it took too long";
      child.kill();
    }, 25_000);
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(limit);
        resolve({ code: code ?? -1, stdout, stderr });
      });
    });
  }

  /** What a command that succeeds says. */
  async ok(line: string, input?: string | object): Promise<string> {
    const { code, stdout, stderr } = await this.run(line, input);
    if (code !== 0) throw new Error(`kubectl ${line}: exit ${code}\n${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /** What a command that fails complains of. */
  async fails(line: string, input?: string | object): Promise<string> {
    const { code, stdout, stderr } = await this.run(line, input);
    if (code === 0) throw new Error(`kubectl ${line} succeeded:\n${stdout}`);
    return stderr.trimEnd();
  }

  async json(line: string): Promise<Doc> {
    return JSON.parse(await this.ok(`${line} -o json`));
  }

  /** Names (without the type) of what `get` finds. */
  async names(what: string): Promise<string[]> {
    return (await this.ok(`get ${what} -o name`))
      .split("\n")
      .filter(Boolean)
      .map((name) => name.replace(/^.*\//, ""));
  }

  /** Repeats a command until it holds of its output (its complaint, when it fails); at most `within` milliseconds. */
  async until(line: string, holds: string | RegExp | ((stdout: string) => boolean), within = 20_000): Promise<string> {
    const end = performance.now() + within;
    for (;;) {
      const { code, stdout, stderr } = await this.run(line);
      const text = (code === 0 ? stdout : stderr).trimEnd();
      if (typeof holds === "string" ? text === holds : holds instanceof RegExp ? holds.test(text) : code === 0 && holds(text)) return text;
      if (performance.now() > end) throw new Error(`kubectl ${line} did not come to say ${holds}:\n${text}`);
    }
  }

  /** The revision the cluster is at. */
  async revision(): Promise<string> {
    return JSON.parse(await this.ok("get --raw /api/v1/namespaces/default/configmaps?limit=1")).metadata.resourceVersion;
  }

  /** What happened to the objects of a resource (`pods`, `apis/apps/v1:statefulsets`) after a revision, up to the moment `enough` says of the events so far. */
  history(resource: string, from: string, enough: (events: readonly WatchEvent[]) => boolean, within = 20_000): Promise<WatchEvent[]> {
    const [base, plural] = resource.includes(":") ? resource.split(":") : ["api/v1", resource];
    const child = this.start(`get --raw /${base}/namespaces/${this.namespace}/${plural}?watch=1&resourceVersion=${from}`);
    return new Promise((resolve, reject) => {
      const events: WatchEvent[] = [];
      let rest = "";
      let complaint = "";
      const limit = setTimeout(() => child.kill(), within);
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        complaint += text;
      });
      child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
        if (enough(events)) {
          resolve(events);
          child.kill();
        }
      });
      child.on("close", () => {
        clearTimeout(limit);
        reject(new Error(`${resource} did not go as awaited: ${events.map((e) => `${e.type} ${e.object.metadata?.name}`).join(", ")} ${complaint}`));
      });
    });
  }
}

export interface AcceptanceOptions extends ClusterOptions {
  /** Why this cannot run on another API server. */
  readonly oursBecause?: string;
}

/**
 * Acceptance tests: on a cluster of their own, or on MOCKUBE_TARGET. `fresh` makes a namespace and gives a kubectl that works in it. Without kubectl they are skipped, or fail
 * with MOCKUBE_REQUIRE_KUBECTL=1.
 */
export function acceptance(
  name: string,
  tests: (fresh: (name: string) => Promise<Kubectl>) => void,
  { oursBecause, ...options }: AcceptanceOptions = {},
): void {
  if (!KUBECTL && process.env.MOCKUBE_REQUIRE_KUBECTL === "1") {
    it(name, () => {
      throw new Error("there is no kubectl on PATH, and MOCKUBE_REQUIRE_KUBECTL=1 says there must be");
    });
    return;
  }
  if (!KUBECTL || (TARGET && oursBecause)) {
    describe.skip(`${name} (skipped: ${KUBECTL ? oursBecause : "no kubectl on PATH"})`, () => tests(() => Promise.reject(new Error("skipped"))));
    return;
  }
  describe(name, () => {
    let folder = "";
    let cluster: Cluster | undefined;
    let root: Kubectl;
    const made: string[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "acceptance-"));
      let kubeconfig = TARGET && path.resolve(TARGET);
      if (!kubeconfig) {
        cluster = await startCluster({ dnsPort: false, ...options });
        kubeconfig = path.join(folder, "kubeconfig");
        await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
      }
      root = new Kubectl(kubeconfig, path.join(folder, "cache"), "default", cluster);
    });
    afterAll(async () => {
      if (!cluster && made.length) await root.run(`delete namespace ${made.join(" ")} --wait=false`);
      await cluster?.stop();
      await rm(folder, { recursive: true, force: true });
    });
    tests(async (purpose) => {
      const namespace = `${purpose}-${Math.random().toString(36).slice(2, 7)}`;
      made.push(namespace);
      await root.ok(`create namespace ${namespace}`);
      const kubectl = new Kubectl(root.kubeconfig, root.cache, namespace, cluster);
      // pods are refused until it is there
      await kubectl.until("get serviceaccount default -o name", "serviceaccount/default");
      return kubectl;
    });
  });
}

const ready = (pod: Doc): boolean => pod.status?.conditions?.some((c: Doc) => c.type === "Ready" && c.status === "True") ?? false;

/** The story of pods as short lines, each when it first holds: "web-0 made", "web-0 ready", "web-0 ending", "web-0 gone". A pod that comes again starts over. */
export function story(events: readonly WatchEvent[]): string[] {
  const lines: string[] = [];
  const said = new Map<string, Set<string>>();
  for (const { type, object } of events) {
    const uid = object.metadata?.uid as string;
    const once = said.get(uid) ?? new Set<string>();
    said.set(uid, once);
    const say = (what: string): void => {
      if (!once.has(what)) lines.push(`${object.metadata?.name} ${what}`);
      once.add(what);
    };
    if (type === "DELETED") say("gone");
    else {
      say("made");
      if (object.metadata?.deletionTimestamp) say("ending");
      else if (ready(object)) say("ready");
    }
  }
  return lines;
}
