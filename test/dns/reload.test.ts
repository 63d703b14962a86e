import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DnsResponder, startDns } from "../../dns/index.js";
import { contextOf, request } from "./corefile/support.js";
import { FakeInformers } from "./support.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});

const hosts = (address: string, more = ""): string => `. {\nhosts /dev/null {\n${address} a.example.org\n}\n${more}\n}`;

describe("#6.4 DNS: a Corefile that is read again", () => {
  it("counts from the next look at it on; one that is wrong changes nothing and is told of", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "mockube-reload-"));
    ends.push(() => rm(folder, { recursive: true }));
    const file = path.join(folder, "Corefile");
    await writeFile(file, hosts("10.0.0.1", "reload 10s 5s"));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const told: string[] = [];
    const dns: DnsResponder = await startDns({
      ...contextOf(),
      informers: new FakeInformers(),
      host: "127.0.0.1",
      port: 0,
      corefile: file,
      print: (level, line) => told.push(`${level} ${line.replace(file, "Corefile")}`),
    });
    ends.push(() => dns.stop());
    const address = async (): Promise<unknown> => (await dns.ask(request("a.example.org A"))).answers[0].data;
    /** Lets the time of a look pass, and waits until it is told of. */
    const look = async (): Promise<string | undefined> => {
      const before = told.length;
      await vi.advanceTimersByTimeAsync(10_000);
      await vi.waitUntil(() => told.length > before && vi.getTimerCount() > 0, { interval: 1 });
      return told.at(-1);
    };
    expect(await address()).toMatchObject({ address: { text: "10.0.0.1" } });
    await writeFile(file, hosts("10.0.0.2", "reload 10s\nnonsense"));
    expect(await look()).toMatch(/^error Corefile is not used: .*Corefile:6: Unknown directive 'nonsense'/);
    expect(await address()).toMatchObject({ address: { text: "10.0.0.1" } });
    await writeFile(file, hosts("10.0.0.3", "reload 10s"));
    expect(await look()).toBe("info Corefile is used anew");
    expect(await address()).toMatchObject({ address: { text: "10.0.0.3" } });
  });
});
