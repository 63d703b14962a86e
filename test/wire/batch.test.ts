import { describe, expect, it } from "vitest";
import { failure, HOME, MERGE, wired } from "./support.js";

const BATCH = "/apis/batch/v1/namespaces/default";
const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const { ask } = wired();

const job = (name: string) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i:1" }] } } },
});
const WARNING =
  '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"';

describe("#4.1 wire: jobs", () => {
  it("deleting orphans by default, and says so; not when asked how", async () => {
    await ask("post", `${BATCH}/jobs`, { body: job("a") });
    const { body, headers } = await ask("delete", `${BATCH}/jobs/a`);
    expect([body.kind, body.metadata.finalizers, headers.warning]).toEqual(["Job", ["orphan"], WARNING]);
    await ask("post", `${BATCH}/jobs`, { body: job("b") });
    const asked = await ask("delete", `${BATCH}/jobs/b?propagationPolicy=Background`);
    expect([asked.body.kind, asked.headers.warning]).toEqual(["Status", undefined]);
    expect((await ask("delete", `${BATCH}/jobs/none`)).headers.warning).toBe(WARNING);
    expect((await ask("delete", `${BATCH}/jobs`)).headers.warning).toBe(WARNING);
  });
  it("can be selected by how many pods succeeded, and by no other field of theirs", async () => {
    await ask("post", `${BATCH}/jobs`, { body: job("c") });
    const names = async (selector: string) =>
      (await ask("get", `${BATCH}/jobs?fieldSelector=${selector}`)).body.items?.map((o: { metadata: { name: string } }) => o.metadata.name);
    expect(await names("status.successful=0,metadata.name=c")).toEqual(["c"]);
    expect(await names("status.successful=1,metadata.name=c")).toEqual([]);
    const { code, body } = await ask("get", `${BATCH}/jobs?fieldSelector=spec.suspend=true`);
    expect([code, body.message]).toEqual([400, 'field label "spec.suspend" not supported for Job']);
  });
  it("exit codes must be there, not only the list for them", async () => {
    const body = { ...job("d") };
    const podFailurePolicy = { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [] } }] };
    const answer = await ask("post", `${BATCH}/jobs`, { body: { ...body, spec: { ...body.spec, podFailurePolicy } } });
    expect(answer.body.message).toBe(
      'Job.batch "d" is invalid: spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: []: at least one value is required',
    );
  });
});

describe("#4.1 wire: evictions", () => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", labels: { app: "x" } },
    spec: { nodeName: "n", containers: [{ name: "c", image: "i:1" }] },
  };
  const eviction = (apiVersion: string) => ({ apiVersion, kind: "Eviction", metadata: { name: "p" } });
  it("in both versions there were; a budget refuses with 429 and when to come again", async () => {
    await ask("post", `${HOME}/serviceaccounts`, { body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } } });
    expect((await ask("post", `${HOME}/pods`, { body: pod })).code).toBe(201);
    await ask("patch", `${HOME}/pods/p/status`, { body: { status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } }, type: MERGE });
    await ask("post", BUDGETS, {
      body: { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "b" }, spec: { minAvailable: 1, selector: {} } },
    });
    const { code, body, headers } = await ask("post", `${HOME}/pods/p/eviction`, { body: eviction("policy/v1") });
    expect([code, headers["retry-after"]]).toEqual([429, "10"]);
    expect(body).toEqual(
      failure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes: [{ reason: "DisruptionBudget", message: "The disruption budget b is still being processed by the server." }],
        retryAfterSeconds: 10,
      }),
    );
    await ask("delete", `${BUDGETS}/b`);
    expect((await ask("post", `${HOME}/pods/p/eviction?dryRun=All`, { body: eviction("policy/v1beta1") })).code).toBe(201);
    const odd = await ask("post", `${HOME}/pods/p/eviction`, { body: eviction("policy/v2") });
    expect([odd.code, odd.body.message]).toEqual([
      400,
      'Eviction in version "v2" cannot be handled as a Eviction: no kind "Eviction" is registered for version "policy/v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ]);
  });
});

describe("#4.1 wire: disruption budgets", () => {
  it("are not asked for more of a name than that a path can hold it", async () => {
    const budget = (name: string, spec: object = {}) => ({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name }, spec });
    expect((await ask("post", `${BUDGETS}?dryRun=All`, { body: budget("Not_A-Label") })).code).toBe(201);
    const slash = await ask("post", `${BUDGETS}?dryRun=All`, { body: budget("a/b") });
    expect(slash.body.message).toBe('PodDisruptionBudget.policy "a/b" is invalid: metadata.name: Invalid value: "a/b": may not contain \'/\'');
    const both = await ask("post", `${BUDGETS}?dryRun=All`, { body: budget("a/b", { minAvailable: -1 }) });
    expect(both.body.details.causes.map((c: { field: string }) => c.field)).toEqual(["spec.minAvailable"]);
  });
});
