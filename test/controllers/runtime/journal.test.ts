import { describe, expect, it } from "vitest";
import { manualClock } from "../../../controllers/runtime/clock.js";
import { createJournal, MAX_STATEMENTS, type Named, type Statement } from "../../../controllers/runtime/journal.js";

const pod = (name: string): Named => ({ kind: "Pod", namespace: "default", name });
const held = (name: string, because = "web-0 is not Ready"): Statement => ({ about: pod(name), state: "is not created", because });

describe("#5.5 the journal", () => {
  it("keeps what the last look has stated, and since when it holds", () => {
    const clock = manualClock(0);
    const journal = createJournal(clock);
    const notes = journal.notes("statefulset-controller", "StatefulSet");
    notes.state("default/web", [held("web-1")]);
    clock.advance(5_000);
    notes.state("default/web", [held("web-1"), held("web-2")]);
    const of = { kind: "StatefulSet", namespace: "default", name: "web" };
    expect(journal.about(of)).toEqual([
      { ...held("web-1"), by: "statefulset-controller", of, since: 0 },
      { ...held("web-2"), by: "statefulset-controller", of, since: 5_000 },
    ]);
    expect(journal.about(pod("web-2"))).toMatchObject([{ since: 5_000 }]);
    clock.advance(1_000);
    notes.state("default/web", [held("web-1", "web-0 is terminating")]);
    expect(journal.about(of)).toMatchObject([{ because: "web-0 is terminating", since: 6_000 }]);
    notes.state("default/web");
    expect([...journal.about(of), ...journal.about(pod("web-1"))]).toEqual([]);
  });

  it("is bounded: in objects, where the one stated first makes room, and in statements of each", () => {
    const journal = createJournal(manualClock(0), 2);
    const notes = journal.notes("a", "StatefulSet");
    for (const name of ["x", "y", "z"]) notes.state(`default/${name}`, [held(`${name}-0`)]);
    expect(["x-0", "y-0", "z-0"].map((name) => journal.about(pod(name)).length)).toEqual([0, 1, 1]);
    notes.state(
      "default/y",
      Array.from({ length: 3 * MAX_STATEMENTS }, (_, i) => held("y-0", String(i))),
    );
    expect(journal.about(pod("y-0"))).toHaveLength(MAX_STATEMENTS);
    // one that is remembered already takes no other's room
    expect(journal.about(pod("z-0"))).toHaveLength(1);
    journal.source("b", () => Array.from({ length: 3 * MAX_STATEMENTS }, (_, i) => held("q-0", String(i))));
    expect(journal.about(pod("q-0"))).toHaveLength(MAX_STATEMENTS);
  });

  it("asks those who work it out no more once they have stopped", () => {
    const journal = createJournal(manualClock(0));
    const stop = journal.source("kubelet", (about) => [{ about, state: "is not Ready", because: "its node does not answer" }]);
    expect(journal.about(pod("a"))).toEqual([{ about: pod("a"), state: "is not Ready", because: "its node does not answer", by: "kubelet", of: pod("a") }]);
    stop();
    expect(journal.about(pod("a"))).toEqual([]);
  });
});
