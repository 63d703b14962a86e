import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { mockube } from "../cli/mockube.js";
import { read } from "./files.js";

interface Service {
  readonly ports: string[];
  readonly volumes: string[];
  readonly healthcheck: { readonly test: string[] };
}

const dockerfile = read("Dockerfile");
const compose = parse(read("docker-compose.yml")) as { services: { mockube: Service }; volumes: object };
const { mockube: service } = compose.services;
/** A JSON array of the Dockerfile's: CMD, ENTRYPOINT, HEALTHCHECK CMD. */
const words = (instruction: string): string[] => JSON.parse(new RegExp(`^\\s*${instruction} (\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]");

describe("#3.6 Docker", () => {
  it("publishes on loopback only, the ports the image exposes", () => {
    expect(service.ports).toEqual(["127.0.0.1:6443:6443", "127.0.0.1:10053:10053/tcp", "127.0.0.1:10053:10053/udp"]);
    expect(dockerfile).toContain("EXPOSE 6443 10053/tcp 10053/udp");
  });
  it("keeps the state in a volume", () => {
    expect(service.volumes).toEqual(["state:/state"]);
    expect(compose.volumes).toHaveProperty("state");
    expect(dockerfile).toContain("VOLUME /state");
  });
  it("copies what npm ci needs, and does not run as root", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const needed of ["package.json", "package-lock.json", "scripts", "cli", "cluster", "tsconfig.json", "tsconfig.build.json"])
      expect(ignored).not.toContain(needed);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
  it("its command starts, its health check knows ready from not there", async () => {
    const command = /^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]";
    expect(words("ENTRYPOINT")).toEqual(["mockube"]);
    expect(JSON.parse(command)).toEqual(["up", "--host", "0.0.0.0", "--state", "/state"]);
    const check = /^ {2}CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]";
    const [node, flag, script] = JSON.parse(check) as string[];
    expect(["CMD", node, flag, script]).toEqual(service.healthcheck.test);

    const state = mkdtempSync(path.join(os.tmpdir(), "mockube-docker-"));
    // the image's command, but on loopback and on any free port, in another folder
    const args = (JSON.parse(command) as string[]).map((word) => ({ "0.0.0.0": "127.0.0.1", "/state": state })[word] ?? word);
    const cluster = mockube([...args, "--port", "0", "--dns-port", "0"]);
    try {
      const [, port] = await cluster.shows(/API +https:\/\/127\.0\.0\.1:(\d+)[\s\S]*export KUBECONFIG=/);
      const healthy = (): number | null => spawnSync(process.execPath, [flag, script.replace("6443", port)], { timeout: 10_000 }).status;
      expect(healthy()).toBe(0);
      cluster.kill("SIGTERM");
      expect((await cluster.ended).code).toBe(0);
      expect(healthy()).toBe(1);
    } finally {
      cluster.kill("SIGKILL");
      rmSync(state, { recursive: true, force: true });
    }
  });
});
