import { describe, expect, it } from "vitest";
import { Zone } from "../../dns/plugins/kubernetes/zone.js";
import { formatAddress, parseAddress, reverseAddress } from "../../dns/wire/address.js";
import { ask, namespace, put, service, slice } from "./support.js";

const D = "default.svc.cluster.local";
const headless = (ports: object[] = []) => service("web", { clusterIP: "None", clusterIPs: ["None"], ports });

describe("#3.4 DNS: the zone follows its objects", () => {
  it("a slice that changes moves its names at once, and its pointers with them", () => {
    const zone = put(new Zone(() => 0), namespace("default"), headless(), slice("a", "web", ["10.0.0.1 web-0", "10.0.0.2 web-1"]));
    expect(ask(zone, `web-1.web.${D}`)).toHaveLength(1);
    put(zone, slice("a", "web", ["10.0.0.1 web-0", "10.0.0.3 web-1"]));
    expect(ask(zone, `web-1.web.${D}`)).toEqual([`web-1.web.${D}. 5 A 10.0.0.3`]);
    expect(ask(zone, "2.0.0.10.in-addr.arpa PTR")).toEqual(["NXDOMAIN in-addr.arpa"]);
    put(zone, slice("a", "web", ["10.0.0.1 web-0", "10.0.0.3 web-1 notready"]));
    expect(ask(zone, `web-1.web.${D}`)).toEqual(["NXDOMAIN cluster.local"]);
  });

  it("several slices make one service; one removed takes only its own", () => {
    const b = slice("b", "web", ["10.0.0.2 web-1"]);
    const zone = put(new Zone(() => 0), namespace("default"), headless(), slice("a", "web", ["10.0.0.1 web-0"]), b);
    expect(ask(zone, `web.${D}`)).toHaveLength(2);
    zone.removeEndpointSlice(b);
    expect(ask(zone, `web.${D}`)).toEqual([`web.${D}. 5 A 10.0.0.1`]);
  });

  it("a slice given to another service leaves the first", () => {
    const zone = put(new Zone(() => 0), namespace("default"), headless(), service("two", { clusterIP: "None" }), slice("a", "web", ["10.0.0.1 h"]));
    put(zone, slice("a", "two", ["10.0.0.1 h"]));
    expect(ask(zone, `h.web.${D}`)).toEqual(["NXDOMAIN cluster.local"]);
    expect(ask(zone, `h.two.${D}`)).toEqual([`h.two.${D}. 5 A 10.0.0.1`]);
  });

  it("slices before their service, and services and namespaces that go", () => {
    const zone = put(new Zone(() => 0), slice("a", "web", ["10.0.0.1 web-0"]), namespace("default"));
    expect(ask(zone, `web.${D}`)).toEqual(["NXDOMAIN cluster.local"]);
    put(zone, headless());
    expect(ask(zone, `web.${D}`)).toHaveLength(1);
    zone.removeService(headless());
    expect(ask(zone, `web.${D}`)).toEqual(["NXDOMAIN cluster.local"]);
    put(zone, headless());
    zone.removeNamespace(namespace("default"));
    expect(ask(zone, `web.${D}`)).toEqual(["NXDOMAIN cluster.local"]);
  });

  it("a service that turns headless has no address of its own any more, nor a pointer", () => {
    const zone = put(new Zone(() => 0), namespace("default"), service("web", { clusterIPs: ["10.96.0.9"], ports: [{ port: 80, protocol: "TCP" }] }));
    expect(ask(zone, "9.0.96.10.in-addr.arpa PTR")).toHaveLength(1);
    put(zone, headless());
    expect(ask(zone, "9.0.96.10.in-addr.arpa PTR")).toEqual(["NXDOMAIN in-addr.arpa"]);
  });

  it("a pod that ended is no verified pod", () => {
    const pod = (phase: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default" },
      status: { phase, podIPs: [{ ip: "10.0.0.1" }] },
    });
    const zone = put(new Zone(() => 0), namespace("default"), pod("Running"));
    expect(zone.hasPod("default", "10.0.0.1")).toBe(true);
    put(zone, pod("Succeeded"));
    expect(zone.hasPod("default", "10.0.0.1")).toBe(false);
  });
});

describe("#3.4 DNS: the serial", () => {
  it("moves with what shows in an answer, and with nothing else", () => {
    let now = 0;
    const zone = new Zone(() => now);
    const moves = (...objects: Parameters<typeof put>[1][]): boolean => {
      now += 1000;
      put(zone, ...objects);
      return zone.serial === now / 1000;
    };
    expect(moves(namespace("default"))).toBe(false);
    expect(moves(headless([{ port: 80 }]))).toBe(true);
    expect(moves({ ...headless([{ port: 80 }]), status: {} })).toBe(false);
    expect(moves(headless([{ port: 81 }]))).toBe(true);
    expect(moves(slice("a", "web", ["10.0.0.1 h"]))).toBe(true);
    expect(moves(slice("a", "web", ["10.0.0.1 h", "10.0.0.2 i notready"]))).toBe(false);
    expect(moves(slice("a", "web", ["10.0.0.1 h", "10.0.0.2 i"]))).toBe(true);
    now += 1000;
    zone.removeEndpointSlice(slice("gone", "web", []));
    expect(zone.serial).toBe(now / 1000 - 1);
    zone.removeEndpointSlice(slice("a", "web", []));
    expect(zone.serial).toBe(now / 1000);
  });
});

describe("#3.4 DNS: addresses", () => {
  it.each(["10.0.0.1", "::", "::1", "2001:db8::1", "1:0:2::", "1:0:0:2::3", "2001:db8:1:2:3:4:5:6"])("%s is read and written again", (text) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(text);
  });

  it.each([
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8::0:1", "2001:db8::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ])("%s is %s", (text, canonical) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(canonical);
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1:2", ":::", "1::2::3", "12345::", "::1%lo", "1:2:3:4:5:6:7::8", "1.2.3.4::"])(
    "%j is none",
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it("reverse names must be whole", () => {
    expect(reverseAddress(["1", "0", "0", "10"], 4)).toBe("10.0.0.1");
    expect(reverseAddress(["0", "0", "10"], 4)).toBeUndefined();
    expect(reverseAddress("1.0.0.0".split("."), 6)).toBeUndefined();
  });
});
