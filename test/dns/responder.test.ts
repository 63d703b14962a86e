import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../controllers/runtime/context.js";
import { type DnsResponder, startDns } from "../../dns/index.js";
import { FakeInformers, namespace, service, slice } from "./support.js";

const clock = { now: () => 1_700_000_000_000, setTimeout: () => undefined, clearTimeout: () => {} };
const D = "default.svc.cluster.local";
const HOST = "127.0.0.1";

function fed(): FakeInformers {
  const informers = new FakeInformers();
  informers.put("namespaces", namespace("default"));
  informers.put("services", service("nginx", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "web", port: 80, protocol: "TCP" }] }));
  informers.put("endpointslices", slice("nginx-a", "nginx", ["10.244.0.5 web-0"], ["web:80/TCP"]));
  return informers;
}

let running: DnsResponder[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((r) => r.stop()));
});

async function start(informers = fed(), port = 0, host = HOST): Promise<DnsResponder> {
  const responder = await startDns({ informers, clock, host, port, log: silentLog, random: () => 0 });
  running.push(responder);
  return responder;
}

function resolver(r: DnsResponder): Resolver {
  const it = new Resolver({ timeout: 5000, tries: 1 });
  it.setServers([`${HOST}:${r.port}`]);
  return it;
}

/** A query for A of web-0, with the given id and its length before it. */
function framed(id: number): Buffer {
  const labels = [...`web-0.nginx.${D}`.split("."), ""].map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)]));
  const body = Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 1, 0, 1])]);
  return Buffer.concat([Buffer.from([0, body.length]), body]);
}

/** Ids of the first `count` answers on a connection. */
async function answers(socket: Socket, count: number): Promise<number[]> {
  const ids: number[] = [];
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      ids.push(bytes.readUInt16BE(2));
      bytes = bytes.subarray(2 + bytes.readUInt16BE(0));
    }
    if (ids.length >= count) break;
  }
  return ids;
}

describe("#3.4 DNS: responder", () => {
  it("a stock resolver finds A, SRV and PTR, and is told what is not there", async () => {
    const dns = resolver(await start());
    expect(await dns.resolve4(`web-0.nginx.${D}`, { ttl: true })).toEqual([{ address: "10.244.0.5", ttl: 5 }]);
    expect(await dns.resolveSrv(`_web._tcp.nginx.${D}`)).toEqual([{ name: `web-0.nginx.${D}`, port: 80, priority: 0, weight: 100 }]);
    expect(await dns.reverse("10.244.0.5")).toEqual([`web-0.nginx.${D}`]);
    expect(await dns.resolveSoa("cluster.local")).toMatchObject({ nsname: "ns.dns.cluster.local", serial: 1_700_000_000 });
    await expect(dns.resolve4(`web-9.nginx.${D}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(dns.resolve6(`web-0.nginx.${D}`)).rejects.toMatchObject({ code: "ENODATA" });
    await expect(dns.resolve4("example.com")).rejects.toMatchObject({ code: "EREFUSED" });
  });

  it("a change shows in the next answer", async () => {
    const informers = fed();
    const dns = resolver(await start(informers));
    informers.put("endpointslices", slice("nginx-a", "nginx", ["10.244.0.6 web-0"], ["web:80/TCP"]));
    expect(await dns.resolve4(`web-0.nginx.${D}`)).toEqual(["10.244.0.6"]);
    informers.remove("endpointslices", slice("nginx-a", "nginx", []));
    await expect(dns.resolve4(`nginx.${D}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("a truncated answer is fetched whole over TCP on the same port", async () => {
    const informers = fed();
    const addresses = Array.from({ length: 200 }, (_, i) => `10.244.1.${i + 1}`);
    informers.put("endpointslices", slice("nginx-a", "nginx", addresses));
    expect((await resolver(await start(informers)).resolve4(`nginx.${D}`)).sort()).toEqual([...addresses].sort());
  });

  it("TCP: queries one after the other, in pieces, after one that gets no answer, and with the writing end closed", async () => {
    const { port } = await start();
    const socket = connect(port, HOST);
    const mute = Buffer.from([0, 3, 1, 2, 3]);
    const all = Buffer.concat([framed(1), mute, framed(2), framed(3)]);
    socket.write(all.subarray(0, 1));
    socket.write(all.subarray(1, 40));
    socket.end(all.subarray(40));
    expect(await answers(socket, 99)).toEqual([1, 2, 3]);
  });

  it("UDP: what is no query is passed over in silence, and the next is answered", async () => {
    const { port } = await start();
    const socket = createSocket("udp4");
    socket.send(Buffer.from("junk"), port, HOST);
    socket.send(framed(7).subarray(2), port, HOST);
    const [message] = (await once(socket, "message")) as [Buffer];
    socket.close();
    expect(message.readUInt16BE(0)).toBe(7);
  });

  const ipv6 = Object.values(networkInterfaces()).some((list) => list?.some((i) => i.address === "::1"));
  it.skipIf(!ipv6)("IPv6 loopback", async () => {
    const { port } = await start(fed(), 0, "::1");
    const socket = connect(port, "::1");
    socket.write(framed(9));
    expect(await answers(socket, 1)).toEqual([9]);
  });
});

describe("#3.4 DNS: ports", () => {
  it("a port in use by TCP is an error, and nothing stays behind", async () => {
    const informers = fed();
    const other = createServer().listen(0, HOST);
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(start(informers, port)).rejects.toMatchObject({ code: "EADDRINUSE", port });
    expect(informers.handlers()).toBe(0);
    other.close();
    await once(other, "close");
    expect((await start(informers, port)).port).toBe(port);
  });

  it("a port in use by UDP alone is an error, and TCP is let go", async () => {
    const other = createSocket("udp4").bind(0, HOST);
    await once(other, "listening");
    const { port } = other.address();
    await expect(start(fed(), port)).rejects.toMatchObject({ code: "EADDRINUSE" });
    const probe = createServer().listen(port, HOST);
    await once(probe, "listening");
    probe.close();
    other.close();
  });

  it("many responders at once each find a port that is free for both", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => start()));
    expect(new Set(all.map((r) => r.port)).size).toBe(8);
  });

  it("stops with connections open, follows no more, and frees the port", async () => {
    const informers = fed();
    const responder = await start(informers);
    running = [];
    const socket = connect(responder.port, HOST);
    socket.on("error", () => {});
    socket.write(framed(1));
    await once(socket, "data");
    await responder.stop();
    if (!socket.closed) await once(socket, "close");
    expect(informers.handlers()).toBe(0);
    expect((await start(informers, responder.port)).port).toBe(responder.port);
  });
});
