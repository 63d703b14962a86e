import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { type Client, createClient, createInformers, type Informers } from "../client/index.js";
import { createActivity } from "../controllers/runtime/activity.js";
import { type ManualClock, manualClock, systemClock } from "../controllers/runtime/clock.js";
import { createContext, silentLog } from "../controllers/runtime/context.js";
import { createJournal } from "../controllers/runtime/journal.js";
import type { Clock, Controller, Running } from "../controllers/runtime/types.js";
import { DEFAULT_COREFILE, defaultCorefile } from "../dns/corefile/default.js";
import { type DnsResponder, startDns } from "../dns/index.js";
import { KINDS, Registry } from "../kinds/registry.js";
import { ALWAYS_ALLOW, withPrivileged } from "../server/auth/authorizer.js";
import { ensurePolicy } from "../server/auth/rbac/bootstrap.js";
import { rbacAuthorizer } from "../server/auth/rbac/index.js";
import { signRequest } from "../server/auth/sign.js";
import { ADMIN, tokenAuthenticator } from "../server/auth/tokens.js";
import { ensureAPIServices } from "../server/bootstrap/apiservices.js";
import { ensureFlowControl } from "../server/bootstrap/flowcontrol.js";
import { isRemote, withRegistered } from "../server/http/aggregator.js";
import { createApp } from "../server/http/app.js";
import { nonResourceHandler } from "../server/http/nonresource.js";
import { openApiHandler } from "../server/http/openapi.js";
import { chainOf, PLUGINS } from "../server/pipeline/admission/chain.js";
import { startEventExpiry } from "../server/pipeline/expiry.js";
import { lookupOf } from "../server/pipeline/lookup.js";
import { resourceHooks } from "../server/pipeline/resources/index.js";
import { DEFAULT_RANGES } from "../server/pipeline/resources/services.js";
import type { Services } from "../server/pipeline/types.js";
import { openStore, startCompaction } from "../storage/index.js";
import { bootstrap } from "./bootstrap.js";
import { type ClockFile, clockFile } from "./clockfile.js";
import { controlRoutes } from "./control.js";
import { apiServerControllers, controllersOf } from "./controllers.js";
import { loadCredentials } from "./credentials.js";
import { dnsRoutes } from "./dns.js";
import { writeWhole } from "./files.js";
import { kubeconfigText } from "./kubeconfig.js";
import type { ClusterOptions } from "./options.js";
import { seededRandom, uuidFrom } from "./random.js";
import { type ManualTime, manualTime } from "./time.js";
import { type Why, whyOf } from "./why.js";

/** A cluster that runs. */
export interface Cluster {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** False when the state folder held a cluster already: its nodes and classes are the ones it was made with. */
  readonly made: boolean;
  /** Undefined when DNS is off. */
  readonly dnsPort: number | undefined;
  /** Ports of the responders beside it. */
  readonly dnsExtra: DnsResponder["extra"];
  /** Where names are answered over gRPC, if they are. */
  readonly grpcPort: number | undefined;
  readonly token: string;
  /** PEM of the cluster's CA. */
  readonly ca: string;
  /** The text of a kubeconfig for it. */
  readonly kubeconfig: string;
  /** Where the kubeconfig was written, if it was. */
  readonly kubeconfigFile: string | undefined;
  readonly volumesDir: string;
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  /** Moves the time of a cluster that was given a manual clock; undefined with any other. */
  readonly time: ManualTime | undefined;
  /** Says what an object waits for: `why("pod/web-0", { namespace })`. Nothing where no controllers run. */
  readonly why: Why;
  /** Resolves when nothing is queued or running in any controller. Timers in the future do not count. */
  settle(): Promise<void>;
  /** Ends it: streams, server, controllers, DNS, store; in this order, so that nothing that was answered is lost. A cluster in memory leaves nothing behind. */
  stop(): Promise<void>;
}

/** DNS draws from numbers of its own: how often it is asked must not change the names of pods. */
const DNS_SEED = 0x646e73;

/**
 * Starts a cluster: store → server → controllers and kubelet → DNS; ready when this resolves. Errors: StorageError, or the operating system's for ports and
 * folders.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const log = options.log ?? silentLog;
  const progress = options.onProgress ?? (() => {});
  const environment = options.environment ?? "eks";
  const host = options.host ?? "127.0.0.1";
  const undo: (() => unknown)[] = [];
  const unwind = async (): Promise<void> => {
    for (const step of undo.reverse().splice(0)) await step();
  };
  try {
    progress("Opening the store");
    const folder = options.state === undefined ? undefined : path.resolve(options.state);
    const scratch = folder ?? (await mkdtemp(path.join(os.tmpdir(), "mockube-")));
    if (folder) await mkdir(folder, { recursive: true });
    else undo.push(() => rm(scratch, { recursive: true, force: true }));
    const kept = folder === undefined ? undefined : clockFile(folder);
    const clock = await clockOf(options.clock ?? "real", kept);
    const store = openStore({ file: folder ? path.join(folder, "store.db") : ":memory:" });
    undo.push(() => store.close());
    const compaction = startCompaction(store, { clock, onError: (error) => log.error({ error: String(error) }, "compaction failed") });
    undo.push(() => compaction.stop());
    const first = store.count("/registry/namespaces/default") === 0;

    progress("Starting the API server");
    const credentials = await loadCredentials(folder, host, Date.now());
    const seed = options.seed ?? randomInt(2 ** 32);
    const random = seededRandom(seed);
    const registry = new Registry(KINDS);
    const kinds = lookupOf(KINDS);
    const authenticator = tokenAuthenticator(new Map([[credentials.token, ADMIN]]));
    const services: Services = {
      store,
      kinds,
      admission: chainOf(PLUGINS),
      resources: resourceHooks(DEFAULT_RANGES, options.controllers !== false),
      authorizer: withPrivileged(options.authorization === "AlwaysAllow" ? ALWAYS_ALLOW : rbacAuthorizer(store)),
      authenticateToken: (token) => authenticator.token(token),
      now: () => clock.now(),
      uid: () => uuidFrom(random),
      random,
    };
    const expiry = startEventExpiry(services, { clock, onError: (error) => log.error({ error: String(error) }, "an event did not expire") });
    undo.push(() => expiry.stop());
    const activity = createActivity();
    const time = isManual(clock) ? manualTime(clock, activity, kept?.write) : undefined;
    const client = createClient(services, "system:apiserver", "kube-apiserver");
    const journal = createJournal(clock);
    const why = whyOf(kinds.all, client, journal, () => clock.now());
    let ready = false;
    let address = "";
    let dns: DnsResponder | undefined;
    const app = createApp({
      services,
      clock: systemClock,
      authenticator,
      nonResource: nonResourceHandler({
        kinds,
        groups: () => registry.groups,
        registered: () => withRegistered(store, registry.groups),
        remote: (group, version) => isRemote(store, group, version),
        address: () => address,
        ready: () => ready,
        openapi: openApiHandler(kinds),
        metrics: options.dnsPort === false ? undefined : () => dns?.metrics.text() ?? "",
        control: {
          ...controlRoutes(() => clock.now(), time, why),
          ...dnsRoutes(
            host,
            () => dns,
            () => client,
          ),
        },
      }),
      tls: credentials.certificates.server,
      onInternalError: (error, request) => log.error({ error: (error as Error).stack ?? String(error), url: request.url }, "internal error"),
    });
    await app.listen({ host, port: options.port ?? 0 });
    undo.push(() => app.close());
    undo.push(() => app.closeStreams());
    const { port } = app.server.address() as AddressInfo;
    address = `${host}:${port}`;

    const informers = createInformers(services);
    undo.push(() => informers.stop());
    const context = createContext({ client, informers, clock, log, random, activity, journal });
    const volumesDir = path.join(scratch, "volumes");
    await Promise.all([
      ensurePolicy(services, options.controllers !== false),
      ensureAPIServices(services),
      ensureFlowControl(services),
      bootstrap(client, { environment, nodes: options.nodes ?? 3, apiPort: port, first, corefile: defaultCorefile(DEFAULT_COREFILE), now: clock.now() }),
    ]);
    const run = (components: readonly Controller[]): void => {
      const running: Running[] = components.map((c) => c.start(context));
      undo.push(() => running.reverse().map((r) => r.stop()));
    };
    run(apiServerControllers);
    if (options.controllers !== false) {
      progress("Starting the controllers and the kubelets");
      const components = controllersOf({
        kinds,
        caCert: credentials.certificates.ca.cert,
        sign: (request, terms) => signRequest(credentials.certificates.ca, request, terms),
        volumesDir,
        environment,
        pace: options.pace ?? "instant",
        shortestStopMs: options.shortestStopMs ?? 0,
      });
      run(components);
    }
    if (options.dnsPort !== false) {
      progress("Starting DNS");
      const { grpc, ...settings } = options.dns ?? {};
      const overGrpc = grpc && { port: grpc.port, tls: grpc.plaintext ? undefined : credentials.certificates.server };
      dns = await startDns({ ...settings, grpc: overGrpc, informers, clock, host, port: options.dnsPort ?? 0, log, random: seededRandom(seed ^ DNS_SEED) });
      const responder = dns;
      undo.push(() => responder.stop());
    }
    // a client that sees the cluster ready finds the default service account and its nodes schedulable
    await context.activity.idle();
    // history begins here, as it does for watchers of an API server that has just started
    if (first) await store.compact(store.revision);
    ready = true;
    const url = `https://${host === "0.0.0.0" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}`;
    const kubeconfig = kubeconfigText({ server: url, ca: credentials.certificates.ca.cert, token: credentials.token });
    const kubeconfigFile = options.kubeconfig ?? (folder && path.join(folder, "kubeconfig"));
    if (kubeconfigFile) await writeWhole(path.resolve(kubeconfigFile), kubeconfig);
    let stopping: Promise<void> | undefined;
    return {
      url,
      port,
      made: first,
      dnsPort: dns?.port,
      dnsExtra: dns?.extra ?? {},
      grpcPort: dns?.grpcPort,
      token: credentials.token,
      ca: credentials.certificates.ca.cert,
      kubeconfig,
      kubeconfigFile: kubeconfigFile && path.resolve(kubeconfigFile),
      volumesDir,
      client,
      informers,
      clock,
      time,
      why,
      settle: () => context.activity.idle(),
      stop: () => (stopping ??= unwind()),
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** The clock that was asked for. Error: the cluster's time was moved by hand and is ahead of the machine's, which would take it back. */
async function clockOf(wanted: Clock | "real" | "manual", kept: ClockFile | undefined): Promise<Clock> {
  if (typeof wanted === "object") return wanted;
  const saved = (await kept?.read()) ?? 0;
  // one that is moved by hand goes on where it stood, and is never behind the machine's
  if (wanted === "manual") return manualClock(Math.max(saved, Date.now()));
  if (saved > Date.now())
    throw new Error(`it is ${new Date(saved).toISOString()} in this cluster, which is later than here: its clock was moved by hand, go on with a manual clock`);
  return systemClock;
}

const isManual = (clock: Clock): clock is ManualClock => "advance" in clock;
