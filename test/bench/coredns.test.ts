import { describe, expect, it } from "vitest";
import { compareWithCoreDns } from "../../bench/beside/coredns.js";
import { namesOf } from "../../bench/beside/names.js";
import { seededRandom } from "../../cluster/random.js";

describe("#6.6 bench: a CoreDNS on mockube's API", () => {
  it("is asked what the same random numbers say, of services of all kinds", () => {
    const names = namesOf(seededRandom(1), 200);
    expect(namesOf(seededRandom(1), 200)).toEqual(names);
    const specs = names.services.map(({ body }) => (body as { readonly spec: { readonly type?: string; readonly clusterIP?: string } }).spec);
    expect(new Set(specs.map(({ type, clusterIP }) => type ?? clusterIP ?? "address"))).toEqual(new Set(["ExternalName", "None", "address"]));
    expect(names.slices.length).toBeGreaterThan(5);
    expect(new Set(names.questions.map(({ type }) => type)).size).toBe(10);
  });

  it.each([
    ["/nowhere/coredns", "/nowhere/coredns is not there, or no program"],
    [process.platform === "win32" ? "C:\\Windows\\System32\\where.exe" : "/bin/false", /does not answer with "pods insecure"$/],
  ])("%s is a clear error, and nothing is left running", async (program, message) => {
    await expect(compareWithCoreDns({ program, questions: 1, seed: 1 })).rejects.toThrow(message);
  });
});
