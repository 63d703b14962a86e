import { describe, expect, it } from "vitest";
import type { Handler } from "../../../dns/plugin.js";
import { PLAIN } from "../../../dns/plugins/kubernetes/options.js";
import { kubernetes } from "../../../dns/plugins/kubernetes/serve.js";
import { Zone } from "../../../dns/plugins/kubernetes/zone.js";
import { addressRecord, answerOf, request, shown } from "../corefile/support.js";
import { namespace, put, service, slice } from "../support.js";

const D = "default.svc.cluster.local";
const ADDRESSES: Readonly<Record<string, readonly [number, number, number, number]>> = { "a.example.com": [192, 0, 2, 1], "b.example.com": [192, 0, 2, 2] };

const zone = put(
  new Zone(() => 0),
  namespace("default"),
  service("named", { clusterIP: "None", clusterIPs: ["None"] }),
  slice("named-1", "named", ["a.example.com", "gone.example.com", "b.example.com"], ["p:80/TCP"]),
);
zone.synced = true;

const elsewhere: Handler = ({ name }) => {
  const address = ADDRESSES[name];
  return answerOf({ answers: address ? [addressRecord(name, address)] : [], fixed: name !== "b.example.com" });
};

describe("#6.1 #6.3 DNS: kubernetes looks aliases up wherever they are", () => {
  const expected = [
    `named.${D}. 5 CNAME a.example.com.`,
    "a.example.com. 5 A 192.0.2.1",
    `named.${D}. 5 CNAME gone.example.com.`,
    `named.${D}. 5 CNAME b.example.com.`,
    "b.example.com. 5 A 192.0.2.2",
  ];
  it.each<readonly [string, Handler]>([
    ["at once", elsewhere],
    ["in a while", async (asked) => elsewhere(asked)],
    ["some of them at once", (asked) => (asked.name === "gone.example.com" ? Promise.resolve(elsewhere(asked)) : elsewhere(asked))],
  ])("each behind its name, answered %s", async (_, resolve) => {
    const answer = await kubernetes({ ...PLAIN }, { cluster: zone, resolve }).serve(request(`named.${D} A`), elsewhere);
    expect(shown(answer)).toEqual(expected);
    // as long as one of them may change without notice, the whole may
    expect(answer.fixed).toBe(false);
  });

  it("a question for the name itself looks nothing up", () => {
    const plugin = kubernetes({ ...PLAIN }, { cluster: zone, resolve: () => expect.fail("nothing to look up") });
    for (const type of ["CNAME", "SRV", "MX"]) expect(plugin.serve(request(`named.${D} ${type}`), elsewhere)).toMatchObject({ rcode: 0, fixed: true });
  });
});
