/** Who somebody is, as asked of the API. Sources: pkg/registry/authentication/tokenreview, pkg/registry/authentication/selfsubjectreview. */
import type { TokenReviewSpec } from "../../../kinds/schema/api/authentication.v1.js";
import { badRequest } from "../../errors.js";
import { timestamp } from "../objects.js";
import type { UserInfo } from "../types.js";
import type { ResourceHook } from "./types.js";

/** Whom tokens are for when nothing is said: the server itself, by the name of its issuer. */
export const API_AUDIENCES: readonly string[] = ["https://kubernetes.default.svc.cluster.local"];

/** authentication.k8s.io UserInfo. */
const infoOf = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups,
  ...(extra && Object.keys(extra).length ? { extra } : {}),
});

const tokenReview: ResourceHook = {
  answer(object, _target, _ctx, services) {
    const { token = "", audiences: wanted }: Partial<TokenReviewSpec> = object.spec ?? {};
    if (token === "") throw badRequest("token is required for TokenReview in authentication");
    // what follows a space is not the token's any more
    const user = services.authenticateToken(token.trim().split(" ")[0] as string);
    const audiences = wanted?.length ? API_AUDIENCES.filter((a) => wanted.includes(a)) : API_AUDIENCES;
    const status = user && audiences.length ? { authenticated: true, user: infoOf(user), audiences } : { error: "invalid bearer token", user: {} };
    return { ...object, status };
  },
};

const selfSubjectReview: ResourceHook = {
  // a new object: what was asked is not repeated
  answer: (_object, _target, { user }, services) => ({
    metadata: { creationTimestamp: timestamp(services.now()) },
    status: { userInfo: infoOf(user) },
  }),
};

export const authenticationReviews: readonly (readonly [string, ResourceHook])[] = [
  ["authentication.k8s.io/tokenreviews", tokenReview],
  ["authentication.k8s.io/selfsubjectreviews", selfSubjectReview],
];
