import { describe, expect, it } from "vitest";
import type { CorefileError } from "../../../dns/corefile/directive.js";
import { PLAIN } from "../../../dns/plugins/kubernetes/options.js";
import { kubernetesOptions } from "../../../dns/plugins/kubernetes/setup.js";
import { directiveOf, faultOf, pluginOf } from "./support.js";

const read = (text: string) => kubernetesOptions(directiveOf(`. {\n${text}\n}`), ["block.org"]);
const withLines = (...lines: string[]): string => `kubernetes cluster.local {\n${lines.join("\n")}\n}`;

describe("#6.4 Corefile: kubernetes", () => {
  it.each<[string, object]>([
    ["kubernetes", { zones: ["block.org"] }],
    ["kubernetes Cluster.Local. 10.0.0.0/8", { zones: ["cluster.local", "10.in-addr.arpa"] }],
    [withLines("pods insecure", "ttl 30"), { pods: "insecure", ttl: 30 }],
    [withLines("pods verified"), { pods: "verified" }],
    [withLines("pods verified", "pods disabled"), { pods: "disabled" }],
    [withLines("ttl 0"), { ttl: 0 }],
    [withLines("endpoint_pod_names"), { podNames: true }],
    [withLines("namespaces a b", "namespaces c"), { namespaces: new Set(["a", "b", "c"]) }],
    [withLines("noendpoints"), { noEndpoints: true }],
    [withLines("ignore empty_service"), { ignoreEmpty: true }],
    [withLines("ignore"), {}],
    [withLines("fallthrough"), { fallthrough: [""] }],
    [withLines("fallthrough in-addr.arpa IP6.arpa."), { fallthrough: ["in-addr.arpa", "ip6.arpa"] }],
    [withLines("startup_timeout 10s"), {}],
  ])("%j", (text, expected) => expect(read(text)).toEqual({ ...PLAIN, zones: ["cluster.local"], ...expected }));

  it("selects by labels", () => {
    const { labels, namespaceLabels } = read(withLines("labels app in (a, b),!legacy", "namespace_labels team=x"));
    const some: Record<string, string>[] = [{ app: "a" }, { app: "c" }, { app: "b", legacy: "" }, {}];
    expect(some.map((l) => labels?.(l))).toEqual([true, false, false, false]);
    expect([{ team: "x" }, { team: "y" }].map((l) => namespaceLabels?.(l))).toEqual([true, false]);
  });

  it.each([
    [withLines("podz insecure"), "2: plugin/kubernetes: unknown property 'podz'"],
    [withLines("pods"), "2: plugin/kubernetes: Wrong argument count or unexpected line ending after 'pods'"],
    [withLines("pods a b"), "2: plugin/kubernetes: Wrong argument count or unexpected line ending after 'b'"],
    [withLines("pods some"), "2: plugin/kubernetes: wrong value for pods: some,  must be one of: disabled, verified, insecure"],
    [withLines("", "ttl"), "3: plugin/kubernetes: Wrong argument count or unexpected line ending after 'ttl'"],
    [withLines("ttl x"), '2: plugin/kubernetes: strconv.Atoi: parsing "x": invalid syntax'],
    [withLines("ttl 3601"), "2: plugin/kubernetes: ttl must be in range [0, 3600]: 3601"],
    [withLines("ttl -1"), "2: plugin/kubernetes: ttl must be in range [0, 3600]: -1"],
    [withLines("namespaces"), "2: plugin/kubernetes: Wrong argument count or unexpected line ending after 'namespaces'"],
    [withLines("endpoint_pod_names x"), "2: plugin/kubernetes: Wrong argument count or unexpected line ending after 'x'"],
    [withLines("noendpoints x"), "2: plugin/kubernetes: Wrong argument count or unexpected line ending after 'x'"],
    [withLines("ignore empty"), "2: plugin/kubernetes: unable to parse ignore value: 'empty'"],
    [withLines("startup_timeout x"), '2: plugin/kubernetes: failed to parse startup_timeout: x, time: invalid duration "x"'],
    [withLines("labels a!=b"), `2: plugin/kubernetes: unable to parse label selector value: 'a!=b': "!=" is not a valid label selector operator`],
    [withLines("labels a>1"), `2: plugin/kubernetes: unable to parse label selector value: 'a>1': "gt" isn't supported in label selectors`],
    [withLines("namespaces a", "namespace_labels b"), "1: plugin/kubernetes: namespaces and namespace_labels cannot both be set"],
    [withLines("endpoint http://localhost:8080"), "2: plugin/kubernetes: property 'endpoint' is not supported: this server stands inside of its cluster"],
    [withLines("kubeconfig a b"), "2: plugin/kubernetes: property 'kubeconfig' is not supported: this server stands inside of its cluster"],
    [withLines("apiserver_qps 5"), "2: plugin/kubernetes: property 'apiserver_qps' is not supported: this server stands inside of its cluster"],
    [withLines("multicluster clusterset.local"), "2: plugin/kubernetes: property 'multicluster' is not supported"],
    [withLines("zonal"), "2: plugin/kubernetes: property 'zonal' is not supported"],
    // as CoreDNS: the brace at the end of a line is an argument of it
    ["kubernetes cluster.local { pods insecure }", "1: plugin/kubernetes: Wrong argument count or unexpected line ending after '}'"],
    ["kubernetes 10.0.0.0/8 ip6.arpa", "1: plugin/kubernetes: non-reverse zone name must be used"],
    ["kubernetes\nkubernetes", "2: plugin/kubernetes: this plugin can only be used once per Server Block"],
  ])("%j", async (text, message) => expect(await faultOf(text)).toBe(message));

  it("says what it could not read of a selector", () => {
    const fault = (): CorefileError => {
      try {
        read(withLines("namespace_labels a in"));
      } catch (error) {
        return error as CorefileError;
      }
      throw new Error("no error");
    };
    expect(fault().reason).toMatch(/^unable to parse namespace_label selector value: 'a in': couldn't parse the selector string "a in": /);
  });

  it("has pods followed when their names are verified", async () => {
    const followed = async (lines: string, pods?: "verified" | "insecure"): Promise<number> => {
      let calls = 0;
      await pluginOf(lines, { followPods: () => calls++, pods });
      return calls;
    };
    expect(await followed(withLines("pods verified"))).toBe(1);
    expect(await followed(withLines("pods insecure"))).toBe(0);
    // a flag has the last word
    expect(await followed(withLines("pods insecure"), "verified")).toBe(1);
    expect(await followed(withLines("pods verified"), "insecure")).toBe(0);
  });
});
