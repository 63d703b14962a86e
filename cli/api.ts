import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { Access } from "../cluster/access.js";
import { CliError } from "./errors.js";
import { DEFAULT_STATE } from "./flags.js";

/** Flags that say which running cluster is meant. */
export interface TargetFlags {
  readonly state?: string;
  readonly kubeconfig?: string;
}

export const addTargetFlags = (command: Command): Command =>
  command
    .option("--kubeconfig <file>", "kubeconfig of the cluster (default: $KUBECONFIG, or in the state folder)")
    .option("--state <dir>", "folder that keeps the cluster", DEFAULT_STATE);

/** The kubeconfig that a command goes by: what it is told, then what kubectl would take, then the cluster in the home folder. */
export function kubeconfigOf(command: Command, { kubeconfig, state = DEFAULT_STATE }: TargetFlags): string {
  const told = kubeconfig ?? (command.getOptionValueSource("state") === "cli" ? undefined : process.env.KUBECONFIG?.split(path.delimiter).find(Boolean));
  const file = path.resolve(told ?? path.join(state, "kubeconfig"));
  if (!existsSync(file))
    throw new CliError(
      `no kubeconfig ${told ? `at ${file}` : `in ${path.dirname(file)}`}: start a cluster with \`mockube up\`, or say where it is with --kubeconfig or --state`,
    );
  return file;
}

/** What the API server answers. */
export interface Answer {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: documents of the wire are looked into, not typed
  readonly body: any;
}

/** The API server of a running cluster, as commands ask it. */
export interface Api {
  /** What requests are about when nobody says. */
  readonly namespace: string;
  /** Throws a CliError where nobody answers; a refusal is an answer. `type`: that of the body, JSON by default. */
  ask(method: string, path: string, body?: unknown, type?: string): Promise<Answer>;
}

export async function connect(file: string): Promise<Api> {
  const { readKubeconfig } = await import("../cluster/access.js");
  const access = await readKubeconfig(file).catch((error: Error) => {
    throw new CliError(`${file} cannot be read as a kubeconfig: ${error.message}`);
  });
  // not before it is needed: every command would wait for it
  const { default: https } = await import("node:https");
  return {
    namespace: access.namespace ?? "default",
    ask: (method, route, body, type = "application/json") => ask(https, file, access, method, route, body, type),
  };
}

function ask(https: typeof import("node:https"), file: string, access: Access, method: string, route: string, body: unknown, type: string): Promise<Answer> {
  const { url, ca, insecure, token, cert, key } = access;
  const headers = {
    accept: "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { "content-type": type }),
  };
  return new Promise((resolve, reject) => {
    const request = https.request(url + route, { method, ca, cert, key, rejectUnauthorized: !insecure, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        try {
          resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) });
        } catch {
          reject(new CliError(`${url} is no API server: it says ${JSON.stringify(text.slice(0, 80))}`));
        }
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) =>
      reject(new CliError(`nobody answers at ${url} (${error.code ?? error.message}), where ${file} says that the cluster is`)),
    );
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What was asked for; a refusal as a CliError with the server's own words. */
export async function must(answer: Promise<Answer>): Promise<Answer["body"]> {
  const { code, body } = await answer;
  if (code >= 300) throw new CliError(body?.message ?? `the server answers ${code}`);
  return body;
}
