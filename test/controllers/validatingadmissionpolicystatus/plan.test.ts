import { describe, expect, it } from "vitest";
import { planStatus } from "../../../controllers/validatingadmissionpolicystatus/plan.js";

describe("#4.1 the status of validating admission policies", () => {
  it.each([
    [1, undefined, { observedGeneration: 1, typeChecking: {} }],
    [2, 1, { observedGeneration: 2, typeChecking: {} }],
    [2, 2, undefined],
    [1, 2, undefined],
  ])("generation %d, observed %s", (generation, observedGeneration, status) => {
    expect(planStatus({ metadata: { generation }, status: { observedGeneration } })).toEqual(status);
  });
});
