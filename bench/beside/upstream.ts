import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { end, freePort, ready } from "../server.js";

/** An API server that is compared: how to reach it, and what it runs as. */
export interface Compared {
  readonly kubeconfig: string;
  /** Its processes: what they use of memory and processor time is what it costs. */
  readonly pids: readonly number[];
  /** From the spawn to the first 200 on /readyz, in milliseconds. */
  readonly startMs: number;
  stop(): Promise<void>;
}

const kubeconfigOf = (port: number, token: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "bench", cluster: { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "bench", user: { token } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
    "current-context": "bench",
  });

/**
 * Starts etcd and kube-apiserver out of `folder`, on loopback and in an empty folder of their own, with default flags but for what they cannot do without.
 * The clock runs from the spawn of both: the API server waits for its etcd.
 */
export async function startUpstream(folder: string): Promise<Compared> {
  for (const program of ["etcd", "kube-apiserver"])
    await access(path.join(folder, program), constants.X_OK).catch(() => {
      throw new Error(`${path.join(folder, program)} is not there: bench/go/README.md says how it is built`);
    });
  const home = await mkdtemp(path.join(os.tmpdir(), "upstream-bench-"));
  const at = (name: string): string => path.join(home, name);
  const [port, client, peer] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(16).toString("hex");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(at("sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(at("tokens"), `${token},bench,bench,"system:masters"\n`);
  await writeFile(at("kubeconfig"), kubeconfigOf(port, token));
  const etcd = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`] as const;
  const started = performance.now();
  const children: ChildProcess[] = [
    spawn(
      path.join(folder, "etcd"),
      // biome-ignore format: a flag and its value a line
      [
        "--data-dir", at("etcd"),
        "--listen-client-urls", etcd[0], "--advertise-client-urls", etcd[0],
        "--listen-peer-urls", etcd[1], "--initial-advertise-peer-urls", etcd[1], "--initial-cluster", `default=${etcd[1]}`,
        "--log-level", "error",
      ],
      { stdio: "ignore" },
    ),
    spawn(
      path.join(folder, "kube-apiserver"),
      // biome-ignore format: a flag and its value a line
      [
        "--etcd-servers", etcd[0],
        "--secure-port", String(port), "--bind-address", "127.0.0.1", "--cert-dir", at("certs"),
        "--service-account-key-file", at("sa.key"), "--service-account-signing-key-file", at("sa.key"), "--service-account-issuer", "https://kubernetes.default.svc",
        "--service-cluster-ip-range", "10.96.0.0/16",
        "--token-auth-file", at("tokens"), "--authorization-mode", "RBAC",
      ],
      { stdio: "ignore" },
    ),
  ];
  const stop = async (): Promise<void> => {
    for (const child of [...children].reverse()) await end(child);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await ready({ url: `https://127.0.0.1:${port}`, insecure: true, token }, () => {
      const gone = children.find((child) => child.exitCode !== null);
      if (gone) throw new Error(`${gone.spawnfile} ended with ${gone.exitCode} before it was ready`);
    });
    return { kubeconfig: at("kubeconfig"), pids: children.map((child) => child.pid as number), startMs: performance.now() - started, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
