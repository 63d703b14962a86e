import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, type Machine, machineAt, remove } from "../../cli/dns/act.js";
import { installScript, RESOLVERS, type Resolver, resolverOf, setupOf } from "../../cli/dns/plan.js";
import { buildOnce, type Ended, mockube, run, type Started } from "./mockube.js";

const AT = { address: "127.0.0.1", port: 10053, domain: "cluster.local" };
const MARK = '# mockube: made by "mockube dns install", taken away by "mockube dns remove"\n';
const FILES: Readonly<Record<Resolver, string>> = {
  "systemd-resolved": "/etc/systemd/resolved.conf.d/mockube.conf",
  macos: "/etc/resolver/cluster.local",
  dnsmasq: "/etc/dnsmasq.d/mockube.conf",
};

let dir: string;
let count = 0;
/** A folder that stands for a machine. */
const fresh = (): string => {
  const root = path.join(dir, `root-${count++}`);
  mkdirSync(root);
  return root;
};
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "mockube-dns-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("#6.3 dns install: what a resolver is told", () => {
  it.each<[Resolver, string, string[]]>([
    ["systemd-resolved", "[Resolve]\nDNS=127.0.0.1:10053\nDomains=~cluster.local\n", ["systemctl restart systemd-resolved"]],
    ["macos", "nameserver 127.0.0.1\nport 10053\n", ["dscacheutil -flushcache", "killall -HUP mDNSResponder"]],
    ["dnsmasq", "server=/cluster.local/127.0.0.1#10053\n", ["systemctl restart dnsmasq"]],
  ])("%s", (resolver, text, commands) => {
    const setup = setupOf(resolver, AT);
    expect(setup).toMatchObject({ file: FILES[resolver], text: MARK + text });
    expect(setup.commands.map((c) => c.join(" "))).toEqual(commands);
  });
  it("an IPv6 address, as each has it", () => {
    const texts = RESOLVERS.map((resolver) => setupOf(resolver, { ...AT, address: "::1" }).text.replace(MARK, ""));
    expect(texts).toEqual(["[Resolve]\nDNS=[::1]:10053\nDomains=~cluster.local\n", "nameserver ::1\nport 10053\n", "server=/cluster.local/::1#10053\n"]);
  });
  it.each<[string, string[], Resolver | undefined]>([
    ["darwin", ["/etc/dnsmasq.d"], "macos"],
    ["linux", ["/run/systemd/resolve", "/etc/dnsmasq.d"], "systemd-resolved"],
    ["linux", ["/etc/dnsmasq.d"], "dnsmasq"],
    ["linux", ["/etc/resolv.conf"], undefined],
  ])("found on %s with %j: %s", (platform, there, resolver) => {
    expect(resolverOf(platform, (file) => there.includes(file))).toBe(resolver);
  });
  it.each(RESOLVERS)("%s: the script that is printed writes what --yes writes", (resolver) => {
    const [byScript, byHand] = [fresh(), fresh()];
    const setup = setupOf(resolver, AT);
    const script = installScript({ ...setup, file: byScript + setup.file, commands: [] });
    execFileSync("sh", ["-eu"], { input: script });
    install(machineAt(byHand), setup, "");
    expect(readFileSync(byScript + setup.file, "utf8")).toBe(readFileSync(byHand + setup.file, "utf8"));
  });
});

describe("#6.3 dns install --yes: the machine", () => {
  const setup = setupOf("systemd-resolved", AT);
  /** A machine of one file that notes what is done to it. */
  function machine(text?: string, failing: Partial<Record<"write" | "remove" | "run", Error>> = {}): Machine & { text?: string; ran: string[] } {
    const note = { text, ran: [] as string[] };
    const may = (what: "write" | "remove" | "run"): void => {
      if (failing[what]) throw failing[what];
    };
    return Object.assign(note, {
      read: () => note.text,
      write: (_: string, wanted: string) => {
        may("write");
        note.text = wanted;
      },
      remove: () => {
        may("remove");
        note.text = undefined;
      },
      run: (command: readonly string[]) => {
        may("run");
        note.ran.push(command.join(" "));
      },
    });
  }
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });

  it("writes, restarts, and a second time has nothing to do", () => {
    const m = machine();
    expect(install(m, setup, "")).toEqual([`wrote ${setup.file}`, "ran systemctl restart systemd-resolved"]);
    expect(install(m, setup, "")).toEqual([`${setup.file} is as it should be`]);
    expect(m).toMatchObject({ text: setup.text, ran: ["systemctl restart systemd-resolved"] });
  });
  it("replaces its own file of another port", () => {
    const m = machine(setupOf("systemd-resolved", { ...AT, port: 53535 }).text);
    install(m, setup, "");
    expect(m.text).toBe(setup.text);
  });
  it("leaves a file alone that is not its own", () => {
    const m = machine("[Resolve]\nDNS=192.0.2.1\n");
    expect(() => install(m, setup, "")).toThrow(
      `${setup.file} is there and is not mockube's: it stays as it is; move it away, or put into it yourself: [Resolve]; DNS=127.0.0.1:10053; Domains=~cluster.local`,
    );
    expect(m).toMatchObject({ text: "[Resolve]\nDNS=192.0.2.1\n", ran: [] });
  });
  it("removes and restarts", () => {
    const m = machine(setup.text);
    expect(remove(m, setup, "")).toEqual([`removed ${setup.file}`, "ran systemctl restart systemd-resolved"]);
    expect(m.text).toBeUndefined();
  });
  it("says how it may, where it may not", () => {
    expect(() => install(machine(undefined, { write: denied }), setup, "mockube dns install --yes")).toThrow(
      `cannot write ${setup.file}: permission denied; run with sudo: sudo mockube dns install --yes`,
    );
    expect(() => remove(machine(setup.text, { remove: denied }), setup, "mockube dns remove --yes")).toThrow(
      `cannot remove ${setup.file}: permission denied; run with sudo: sudo mockube dns remove --yes`,
    );
  });
  it("says what is done when a command fails", () => {
    expect(() => install(machine(undefined, { run: new Error("Unit dnsmasq.service not found.") }), setupOf("dnsmasq", AT), "")).toThrow(
      "/etc/dnsmasq.d/mockube.conf is written, but `systemctl restart dnsmasq` failed: Unit dnsmasq.service not found.",
    );
  });
  it("runs commands on the machine itself, and none below another root", () => {
    const here = machineAt("/");
    expect(() => here.run(["sh", "-c", "echo no such unit >&2; exit 5"])).toThrow("no such unit");
    expect(() => here.run(["sh", "-c", "exit 5"])).toThrow("it ended with exit code 5");
    expect(() => here.run(["mockube-has-no-such-command"])).toThrow("command not found");
    expect(() => machineAt(dir).run(["sh", "-c", "exit 5"])).not.toThrow();
  });
});

describe("#6.3 mockube dns install, mockube dns remove", () => {
  let cluster: Started;
  let port: string;
  const dns = (...args: string[]): Promise<Ended> => run(["dns", ...args], { env: { HOME: dir } });
  beforeAll(async () => {
    buildOnce();
    cluster = mockube(["up", "--port", "0", "--dns-port", "0", "--nodes", "1"], { env: { HOME: dir } });
    await cluster.shows(/export KUBECONFIG=/);
    port = /DNS +127\.0\.0\.1:(\d+)/.exec(cluster.output())?.[1] ?? "";
  });
  afterAll(async () => {
    cluster.kill("SIGKILL");
    await cluster.ended;
  });

  it("prints a script, and touches nothing", async () => {
    const root = fresh();
    const { code, stdout, stderr } = await dns("install", "--for", "systemd-resolved", "--root", root);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`# systemd-resolved
mkdir -p /etc/systemd/resolved.conf.d
cat > /etc/systemd/resolved.conf.d/mockube.conf <<'END'
${MARK}[Resolve]
DNS=127.0.0.1:${port}
Domains=~cluster.local
END
systemctl restart systemd-resolved
`);
    expect(existsSync(path.join(root, "etc"))).toBe(false);
  });
  it.each(RESOLVERS)("--yes for %s: there, for the port of the running cluster, and gone again", async (resolver) => {
    const root = fresh();
    const file = path.join(root, FILES[resolver]);
    expect(await dns("install", "--yes", "--for", resolver, "--root", root)).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(file, "utf8")).toMatch(new RegExp(`^${MARK}[^]*${port}`));
    const printed = await dns("remove", "--root", root);
    expect(printed.stdout).toContain(`rm ${FILES[resolver]}\n`);
    expect(existsSync(file)).toBe(true);
    expect(await dns("remove", "--yes", "--root", root)).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(file)).toBe(false);
    expect(await dns("remove", "--yes", "--root", root)).toMatchObject({ code: 0, stdout: "", stderr: "there is nothing to remove\n" });
  });
  it.runIf(process.platform === "linux")("takes the resolver that is there", async () => {
    const root = fresh();
    mkdirSync(path.join(root, "etc/dnsmasq.d"), { recursive: true });
    expect((await dns("install", "--root", root, "--dns-port", "53")).stdout).toContain("server=/cluster.local/127.0.0.1#53\n");
    expect(await dns("install", "--root", fresh())).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `mockube: neither systemd-resolved nor dnsmasq is found here: say which resolver it is with --for, or let yours ask 127.0.0.1 port ${port} for cluster.local\n`,
    });
  });
  it("leaves what others wrote", async () => {
    const root = fresh();
    const file = path.join(root, FILES.dnsmasq);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "server=/cluster.local/192.0.2.1\n");
    for (const yes of [[], ["--yes"]]) {
      const refused = await dns("install", ...yes, "--root", root, "--for", "dnsmasq");
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/is not mockube's: it stays as it is/);
    }
    expect(await dns("remove", "--yes", "--root", root)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "/etc/dnsmasq.d/mockube.conf is not mockube's: it stays\nthere is nothing to remove\n",
    });
    expect(readFileSync(file, "utf8")).toBe("server=/cluster.local/192.0.2.1\n");
  });
  it("without a cluster asks for the port", async () => {
    const { code, stderr } = await dns("install", "--for", "macos", "--state", path.join(dir, "nowhere"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mockube: no kubeconfig in .*; or say where its DNS listens with --dns-port\n$/);
  });
});
