/** What somebody may do, as asked of the API. Sources: pkg/registry/authorization/<kind>/rest.go, pkg/registry/authorization/util. */
import { parseFieldSelector } from "../../../kinds/fields.js";
import { labelSelectorAsSelector, parseLabelSelector } from "../../../kinds/labels.js";
import type { KubeObject } from "../../../kinds/object.js";
import type * as v1 from "../../../kinds/schema/api/authorization.v1.js";
import { type Attributes, aggregate } from "../../auth/authorizer.js";
import { badRequest, invalid } from "../../errors.js";
import type { Services, Target, UserInfo } from "../types.js";
import type { ResourceHook } from "./types.js";

const GROUP = "authorization.k8s.io";

/** The three that ask about one access differ in whom they ask about. */
const review = (userOf: (spec: v1.SubjectAccessReviewSpec, asking: UserInfo) => UserInfo): ResourceHook => ({
  answer(object, target, ctx, services) {
    validate(object, target);
    const spec = object.spec as v1.SubjectAccessReviewSpec;
    const { allowed, reason } = services.authorizer.authorize(attributesOf(spec, userOf(spec, ctx.user)));
    const evaluationError = selectorErrors(spec.resourceAttributes);
    return { ...object, status: { allowed, ...(reason ? { reason } : {}), ...(evaluationError ? { evaluationError } : {}) } };
  },
});

/** Findings name no kind: the internal object they are about has none. */
function validate(object: KubeObject, { kind }: Target): void {
  const errors = kind.validate?.(object) ?? [];
  if (errors.length) throw invalid({ group: GROUP, kind: "" }, "", errors);
}

const other = ({ user = "", uid, groups = [], extra }: v1.SubjectAccessReviewSpec): UserInfo => ({
  name: user,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra ? { extra: extra as UserInfo["extra"] } : {}),
});

function attributesOf({ resourceAttributes: r, nonResourceAttributes: n }: v1.SubjectAccessReviewSpec, user: UserInfo): Attributes {
  if (!r) return { user, verb: n?.verb ?? "", path: n?.path ?? "" };
  const { verb = "", group = "", resource = "", subresource = "", name = "", namespace = "" } = r;
  return { user, verb, group, resource, subresource, name, namespace };
}

/** Selectors that cannot be read narrow nothing; the answer says so. Source: BuildEvaluationError. */
function selectorErrors({ fieldSelector, labelSelector }: v1.ResourceAttributes = {}): string {
  const field = judged(fieldSelector, parseFieldSelector, ({ operator, values }) => {
    if (values?.length !== 1 || !["In", "NotIn"].includes(operator)) throw new Error("not supported");
  });
  const label = judged(labelSelector, parseLabelSelector, (r) => labelSelectorAsSelector({ matchExpressions: [r as never] }));
  const text = (name: string, found: string | undefined): string[] =>
    found ? [`spec.resourceAttributes.${name} ${found === "some" ? "partially ignored" : "ignored"} due to parse error`] : [];
  return [...text("fieldSelector", field), ...text("labelSelector", label)].join("; ");
}

interface Requirement {
  readonly operator: string;
  readonly values?: readonly string[];
}

function judged(
  selector: { rawSelector?: string; requirements?: readonly Requirement[] } | undefined,
  parse: (raw: string) => unknown,
  check: (requirement: Requirement) => unknown,
): "all" | "some" | undefined {
  const fails = (run: () => unknown): boolean => {
    try {
      run();
      return false;
    } catch {
      return true;
    }
  };
  const requirements = selector?.requirements ?? [];
  if (!requirements.length) return selector?.rawSelector && fails(() => parse(selector.rawSelector as string)) ? "all" : undefined;
  const bad = requirements.filter((r) => fails(() => check(r))).length;
  return bad === 0 ? undefined : bad === requirements.length ? "all" : "some";
}

const rulesReview: ResourceHook = {
  answer(object, _target, { user }, services: Services) {
    const namespace: string = object.spec?.namespace ?? "";
    if (namespace === "") throw badRequest("no namespace on request");
    const { rules, errors } = services.authorizer.rulesFor(user, namespace);
    const resourceRules = rules
      .filter((r) => r.resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, resourceNames }));
    const nonResourceRules = rules.filter((r) => r.nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
    const evaluationError = errors.length ? { evaluationError: aggregate(errors) } : {};
    // a new object: what was asked is not repeated
    return { metadata: {}, spec: {}, status: { resourceRules, nonResourceRules, incomplete: false, ...evaluationError } };
  },
};

export const authorizationReviews: readonly (readonly [string, ResourceHook])[] = [
  [`${GROUP}/subjectaccessreviews`, review(other)],
  [`${GROUP}/localsubjectaccessreviews`, review(other)],
  [`${GROUP}/selfsubjectaccessreviews`, review((_spec, asking) => asking)],
  [`${GROUP}/selfsubjectrulesreviews`, rulesReview],
];
