import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Child } from "../crash/child.js";
import { Api } from "./http.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The package as it is published, built for one test file: inside the project, where its native dependency is found. */
export interface Built {
  /** cli/main.js */
  readonly cli: string;
  /** cluster/index.js */
  readonly library: string;
  remove(): Promise<void>;
}

export async function buildPackage(): Promise<Built> {
  const folder = await mkdtemp(path.join(root, ".build-test-"));
  await promisify(execFile)(process.execPath, [path.join(root, "scripts/build.mjs"), "--no-types", "--outdir", path.join(folder, "dist")], { cwd: root });
  return {
    cli: path.join(folder, "dist/cli/main.js"),
    library: path.join(folder, "dist/cluster/index.js"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A server in a process of its own, started by the command line. */
export class Server {
  readonly child: Child;
  constructor(
    { cli }: Built,
    readonly state: string,
    flags: readonly string[] = [],
  ) {
    this.child = new Child(cli, ["up", "--state", state, "--port", "0", "--dns-port", "0", "--pace", "instant", ...flags]);
  }

  /** The last word of the line of the summary that begins with `name`; waits for it. Rejects when the process ends first. */
  async said(name: string): Promise<string> {
    for (;;) {
      const line = this.child.lines.find((l) => l.trim().startsWith(name));
      if (line) return line.trim().split(/\s+/).at(-1) as string;
      const known = this.child.lines.length;
      await this.child.said(known + 1);
      if (this.child.lines.length === known) throw new Error(`the server ended before it was ready: ${this.child.complaint}`);
    }
  }

  /** Resolves when the cluster is ready. */
  async ready(): Promise<Api> {
    await this.said("export KUBECONFIG=");
    const url = await this.said("API");
    const text = await readFile(path.join(this.state, "kubeconfig"), "utf8");
    const token = /token: "?([^"\s]+)/.exec(text)?.[1] ?? "";
    const ca = Buffer.from(/certificate-authority-data: "?([^"\s]+)/.exec(text)?.[1] ?? "", "base64").toString();
    return new Api(url, { ca, token });
  }
}
