import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Access } from "../cluster/access.js";
import { Api } from "./api.js";
import { cpuOf, end, rssOf } from "./server.js";
import type { Subject } from "./types.js";

/** Starts the built ceiling.js; resolves when it listens. */
export async function startCeiling(file: string): Promise<Subject & { stop(): Promise<void> }> {
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the ceiling ended with ${code}`)));
  });
  const api = new Api(JSON.parse(line) as Access);
  return {
    api,
    rss: () => rssOf(child.pid as number),
    cpu: () => cpuOf(child.pid as number),
    stop: async () => {
      api.close();
      await end(child);
    },
  };
}
