import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildOnce, hasTool, mockube, type Started } from "../cli/mockube.js";
import { projectFiles, ROOT, read } from "../presubmit/files.js";
import { blocksOf, marked, normal, stepsOf } from "./markdown.js";

const tools = ["kubectl", "dig"].map(hasTool).every(Boolean);
const DOCUMENTS = projectFiles().filter((f) => f.endsWith(".md"));

/** Starts the cluster a document talks about and runs its commands, in the shell it shows: one after the other, in one home. */
function tour(document: string): void {
  const text = read(document);
  const flags = (marked(text, "sh cluster") ?? "mockube up").split(" ").slice(2);
  let home: string;
  let cluster: Started;
  let env: NodeJS.ProcessEnv;
  let dns = "";

  beforeAll(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), "mockube-readme-"));
    cluster = mockube(["up", "--port", "0", "--dns-port", "0", ...flags], { env: { HOME: home } });
    dns = (await cluster.shows(/DNS +127\.0\.0\.1:(\d+)[\s\S]*export KUBECONFIG=/))[1];
    env = { ...process.env, HOME: home, KUBECONFIG: path.join(home, ".mockube/kubeconfig"), PATH: `${buildOnce()}:${process.env.PATH}` };
  });
  afterAll(async () => {
    cluster.kill("SIGINT");
    expect((await cluster.ended).code).toBe(0);
    rmSync(home, { recursive: true, force: true });
  });

  const start = blocksOf(text).findIndex((b) => b.info === "sh start");
  if (start >= 0)
    it("says what the start says", () => {
      expect(blocksOf(text)[start + 1].lines.map(normal)).toEqual(cluster.output().trimEnd().split("\n").map(normal));
    });
  for (const { command, output } of stepsOf(text))
    it(`$ ${command}`, async () => {
      const lines = await shell(command.replace("-p 10053", `-p ${dns}`), env);
      // a watch shows more states than the page does: those of the page, in its order
      if (command.includes("--watch")) expect(lines).toEqual(expect.arrayContaining([...inOrder(lines, output.map(normal))]));
      else if (/^dig .*\+short|rollout status|delete pod -l/.test(command)) expect([...new Set(lines)].sort()).toEqual([...new Set(output.map(normal))].sort());
      else expect(lines).toEqual(output.map(normal));
    });
}

/** `wanted`, when it is a subsequence of `lines`; fails at the first line that does not follow. */
function inOrder(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  for (const line of wanted) {
    const found = lines.indexOf(line, at);
    if (found < 0) expect(lines.slice(at), `"${line}" should follow`).toContain(line);
    at = found + 1;
  }
  return wanted;
}

/** Lines of both outputs together, as a terminal shows them. */
function shell(command: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", `{ ${command}\n} 2>&1`], { cwd: ROOT, env, timeout: 25_000 }, (_, stdout) => {
      const text = stdout.trimEnd();
      resolve(text === "" ? [] : text.split("\n").map(normal));
    });
  });
}

describe.runIf(tools).each(DOCUMENTS.filter((f) => stepsOf(read(f)).length > 0))("#3.6 %s does as it says", tour);

describe("#3.6 README", () => {
  const text = read("README.md");
  it("starts and tests with one line each", () => {
    expect(marked(text, "sh start")).toBe("npm ci && npm start");
    expect(marked(text, "sh test")).toBe("npm ci && npm test");
  });
  it("its library example runs as it is", async () => {
    const blocks = blocksOf(text);
    const at = blocks.findIndex((b) => b.info === "js run");
    const folder = mkdtempSync(path.join(os.tmpdir(), "mockube-library-"));
    try {
      // installed, as a dependent would have it: the package with what was just built
      const home = path.join(folder, "node_modules/mockube");
      mkdirSync(home, { recursive: true });
      writeFileSync(path.join(home, "package.json"), readFileSync(path.join(ROOT, "package.json")));
      symlinkSync(path.join(buildOnce(), "../dist"), path.join(home, "dist"));
      writeFileSync(path.join(folder, "example.mjs"), blocks[at].lines.join("\n"));
      const output = await shell(`node ${path.join(folder, "example.mjs")}`, process.env);
      expect(output).toEqual(blocks[at + 1].lines.map(normal));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  it("names every flag of up", async () => {
    const { stdout } = await mockube(["up", "--help"]).ended;
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((m) => m[1]).filter((f) => f !== "--help");
    expect(flags.length).toBeGreaterThan(8);
    expect(flags.filter((f) => !text.includes(`\`${f}`))).toEqual([]);
  });
  it.each(DOCUMENTS)("links of %s lead somewhere", (document) => {
    const files = projectFiles();
    const broken = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map((m) => path.posix.normalize(path.posix.join(path.posix.dirname(document), m[1])))
      .filter((target) => !files.some((f) => f === target || f.startsWith(target.endsWith("/") ? target : `${target}/`)));
    expect(broken).toEqual([]);
  });
});
