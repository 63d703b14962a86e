import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildOnce, type Ended, mockube, run, type Started } from "./mockube.js";

const HOUR = 3_600_000;
let home: string;
let cluster: Started;
const state = (): string => path.join(home, "state");

const up = (...more: string[]): Started =>
  mockube(["up", "--state", state(), "--port", "0", "--dns-port", "0", "--nodes", "1", ...more], { env: { HOME: home } });
const clock = (...args: string[]): Promise<Ended> => run(["clock", ...args, "--state", state()], { env: { HOME: home } });
/** The time that a command says, and the rest of its line. */
async function says(...args: string[]): Promise<{ at: number; rest: string }> {
  const end = await clock(...args);
  expect(end).toMatchObject({ code: 0, stderr: "" });
  const [now = "", ...rest] = end.stdout.trim().split(" ");
  return { at: Date.parse(now), rest: rest.join(" ") };
}

beforeAll(async () => {
  buildOnce();
  home = mkdtempSync(path.join(os.tmpdir(), "mockube-clock-"));
  cluster = up("--clock", "manual");
  await cluster.shows(/export KUBECONFIG=/);
});
afterAll(async () => {
  cluster.kill("SIGKILL");
  await cluster.ended;
  rmSync(home, { recursive: true, force: true });
});

describe("#5.4 mockube clock", () => {
  it("stands still until it is moved", async () => {
    const first = await says("now");
    expect(first.rest).toBe("(the clock is manual)");
    expect(await says("now")).toEqual(first);
    expect((await says("advance", "1h30m")).at - first.at).toBe(1.5 * HOUR);
    expect((await says("settle")).rest).toMatch(/^\([\d.]+ s passed, nothing is left to do\)$/);
  });
  it("refuses what is no time, in the server's words", async () => {
    expect(await clock("advance", "soon")).toMatchObject({ code: 1, stdout: "", stderr: 'mockube: time: invalid duration "soon"\n' });
  });
  it("goes on where it stood after kill -9, and is not taken back by the machine's", async () => {
    const { at } = await says("advance", "100h");
    cluster.kill("SIGKILL");
    await cluster.ended;
    expect(Date.parse(readFileSync(path.join(state(), "clock"), "utf8").trim())).toBe(at);
    const real = await up().ended;
    expect(real.code).toBe(1);
    expect(real.stderr).toContain("its clock was moved by hand, go on with a manual clock");
    cluster = up("--clock", "manual");
    await cluster.shows(/export KUBECONFIG=/);
    expect((await says("now")).at).toBe(at);
  });
});
