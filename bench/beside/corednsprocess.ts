import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Reading, readMessage } from "../../dns/wire/read.js";
import { labelsOf, TYPE } from "../../dns/wire/records.js";
import { encode } from "../../dns/wire/write.js";
import { end, freePort, pause } from "../server.js";

const LIMIT_MS = 30_000;
const RETRY_MS = 20;

/** Errors: there is no such program. */
export async function needProgram(program: string): Promise<void> {
  await access(program, constants.X_OK).catch(() => {
    throw new Error(`${program} is not there, or no program`);
  });
}

/** One question over UDP; undefined without an answer in time. */
export function ask(port: number, name: string, type: number, id: number): Promise<Reading | undefined> {
  const socket = createSocket("udp4");
  const query = encode({ id, flags: 0x0100, question: { labels: labelsOf(name), type, class: 1 }, edns: { size: 4096, ttl: 0 } }, 65_535);
  return new Promise((resolve) => {
    const done = (reading?: Reading): void => {
      clearTimeout(timer);
      socket.close();
      resolve(reading);
    };
    const timer = setTimeout(done, 2000);
    socket.on("error", () => done());
    socket.on("message", (bytes) => done(readMessage(bytes)));
    socket.send(query, port, "127.0.0.1");
  });
}

export interface CoreDnsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface CoreDnsStart {
  readonly program: string;
  /** Its Corefile is put here. */
  readonly folder: string;
  /** File that says how to reach the API server. */
  readonly kubeconfig: string;
  /** Lines in the braces of `kubernetes`. */
  readonly options: string;
  /** Lines beside `kubernetes`, other plugins. */
  readonly plugins?: string;
  /** The name that it knows last: once it has an address for it, it knows everything. */
  readonly last: string;
}

/** Starts a CoreDNS on loopback with the names of an API server; an Error when it does not answer in half a minute. */
export async function startCoreDns({ program, folder, kubeconfig, options, plugins = "", last }: CoreDnsStart): Promise<CoreDnsServer> {
  const port = await freePort();
  const file = path.join(folder, "Corefile.coredns");
  const kubernetes = `kubernetes cluster.local in-addr.arpa ip6.arpa {\nkubeconfig ${kubeconfig}\n${options}\n}`;
  await writeFile(file, `.:${port} {\nbind 127.0.0.1\n${kubernetes}\n${plugins}\n}\n`);
  const child = spawn(program, ["-conf", file, "-quiet"], { stdio: "ignore" });
  const limit = performance.now() + LIMIT_MS;
  for (let id = 1; ; id++) {
    if (child.exitCode !== null || performance.now() > limit) {
      await end(child);
      throw new Error(`${program} does not answer with ${JSON.stringify(options)}`);
    }
    const reading = await ask(port, last, TYPE.A, id);
    if (reading?.answers.length) return { port, stop: () => end(child) };
    await pause(RETRY_MS);
  }
}
