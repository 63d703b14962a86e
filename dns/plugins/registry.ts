import type { Setup } from "../plugin.js";

/** CoreDNS's directives, in the order in which their plugins see a question. Source: plugin.cfg. */
export const ORDER: readonly string[] =
  `root metadata geoip cancel proxyproto quic grpc_server https https3 timeouts multisocket reload nsid bufsize bind debug trace ready health pprof shed
  prometheus errors log dnstap local dns64 siit any chaos loadbalance tsig rewrite autopath acl cache header dnssec tls minimal template transfer dynupdate
  hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view nomad`.split(/\s+/);

/**
 * The plugins that are understood, in that order; where they stand in the Corefile does not matter. Each is loaded when a Corefile names it.
 */
export const PLUGINS: Readonly<Record<string, () => Promise<Setup>>> = {
  reload: async () => (await import("./reload/setup.js")).setup,
  bind: async () => (await import("./bind/setup.js")).setup,
  debug: async () => (await import("./debug/setup.js")).setup,
  ready: async () => (await import("./ready/setup.js")).setup,
  health: async () => (await import("./health/setup.js")).setup,
  prometheus: async () => (await import("./prometheus/setup.js")).setup,
  errors: async () => (await import("./errors/setup.js")).setup,
  log: async () => (await import("./log/setup.js")).setup,
  loadbalance: async () => (await import("./loadbalance/setup.js")).setup,
  rewrite: async () => (await import("./rewrite/setup.js")).setup,
  cache: async () => (await import("./cache/setup.js")).setup,
  template: async () => (await import("./template/setup.js")).setup,
  hosts: async () => (await import("./hosts/setup.js")).setup,
  kubernetes: async () => (await import("./kubernetes/setup.js")).setup,
  loop: async () => (await import("./loop/setup.js")).setup,
  forward: async () => (await import("./forward/setup.js")).setup,
};
