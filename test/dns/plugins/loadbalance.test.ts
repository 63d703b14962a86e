import { describe, expect, it } from "vitest";
import { loadbalance, shuffled } from "../../../dns/plugins/loadbalance/serve.js";
import { setup } from "../../../dns/plugins/loadbalance/setup.js";
import { parseAddress } from "../../../dns/wire/address.js";
import { type Answer, type ResourceRecord, TYPE } from "../../../dns/wire/records.js";

const a = (text: string): ResourceRecord => ({ name: "x", ttl: 5, data: { type: TYPE.A, address: parseAddress(text)! } });
const cname = (target: string): ResourceRecord => ({ name: "x", ttl: 5, data: { type: TYPE.CNAME, target } });
const txt: ResourceRecord = { name: "x", ttl: 5, data: { type: TYPE.TXT, texts: ["t"] } };

describe("#6.2 #6.4 DNS: loadbalance", () => {
  it("aliases first, then the rest, then addresses in any order", () => {
    const records = [a("10.0.0.1"), txt, a("10.0.0.2"), cname("y"), a("10.0.0.3")];
    expect(shuffled(records, () => 0)).toEqual([cname("y"), txt, a("10.0.0.1"), a("10.0.0.2"), a("10.0.0.3")]);
    expect(shuffled(records, () => 0.99)).toEqual([cname("y"), txt, a("10.0.0.3"), a("10.0.0.1"), a("10.0.0.2")]);
  });

  it("each order is as likely as any other", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const draws = [Math.floor(i / 2) / 3, (i % 2) / 2];
      seen.add(JSON.stringify(shuffled([a("10.0.0.1"), a("10.0.0.2"), a("10.0.0.3")], () => draws.shift() ?? 0)));
    }
    expect(seen.size).toBe(6);
  });

  it("marks what is found, and leaves what is denied", () => {
    const plugin = loadbalance();
    const request = { question: { labels: ["x"], type: TYPE.A, class: 1 } } as never;
    const answer: Answer = { rcode: 0, aa: true, answers: [], authorities: [], additionals: [] };
    expect(plugin.serve(request, () => answer)).toEqual({ ...answer, shuffle: true });
    expect(plugin.serve(request, () => ({ ...answer, rcode: 3 }))).toEqual({ ...answer, rcode: 3 });
  });

  it.each([
    [["least"], "unknown policy: least"],
    [["round_robin", "x"], "unknown property for round_robin"],
    [["weighted", "f"], "the policy weighted is not supported; round_robin is"],
  ])("refuses %j", (args, message) => {
    const directive = { name: "loadbalance", args, line: 7, block: undefined };
    expect(() => setup(directive, {} as never, [directive])).toThrow(`Corefile:7: ${message}`);
  });
});
