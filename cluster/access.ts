import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";

/** How to reach an API server, and as whom. */
export interface Access {
  /** `https://host:port`, without a path. */
  readonly url: string;
  readonly ca?: string | Buffer;
  readonly insecure?: boolean;
  readonly token?: string;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The context's. */
  readonly namespace?: string;
}

interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** The current context of a kubeconfig: bearer tokens and client certificates. Throws when it names a thing that is not there, or asks for an exec plugin. */
export async function readKubeconfig(file: string): Promise<Access> {
  const config = parse(await readFile(file, "utf8")) as Record<string, unknown>;
  const entry = (list: string, name: unknown, field: string): Record<string, string> => {
    const found = ((config[list] as Named[] | undefined) ?? []).find((n) => n.name === name);
    if (!found) throw new Error(`${file}: no ${field} named ${String(name)}`);
    return (found[field] ?? {}) as Record<string, string>;
  };
  const context = entry("contexts", config["current-context"], "context");
  const cluster = entry("clusters", context.cluster, "cluster");
  const user = entry("users", context.user, "user");
  if (user.exec) throw new Error(`${file}: exec plugins are not supported; use a token or a client certificate`);
  const bytes = async (fields: Record<string, string>, name: string): Promise<Buffer | undefined> => {
    if (fields[`${name}-data`]) return Buffer.from(fields[`${name}-data`], "base64");
    return fields[name] ? readFile(path.resolve(path.dirname(file), fields[name])) : undefined;
  };
  return {
    url: cluster.server.replace(/\/+$/, ""),
    ca: await bytes(cluster, "certificate-authority"),
    insecure: Boolean(cluster["insecure-skip-tls-verify"]),
    token: user.token ?? (user.tokenFile && (await readFile(path.resolve(path.dirname(file), user.tokenFile), "utf8")).trim()),
    cert: await bytes(user, "client-certificate"),
    key: await bytes(user, "client-key"),
    namespace: context.namespace,
  };
}
