import { createHash, timingSafeEqual } from "node:crypto";
import type { UserInfo } from "../pipeline/types.js";

/** Nobody in particular: a request without a bearer token. */
export const ANONYMOUS: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The user that every kubeconfig of ours speaks as. */
export const ADMIN: UserInfo = { name: "admin", uid: "admin", groups: ["system:masters", "system:authenticated"] };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Knows who somebody is. */
export interface Authenticator {
  /** By the Authorization header: anonymous without a bearer token (basic auth counts as none), undefined for a token that is unknown; upstream answers 401 to that, even on /healthz. */
  header(header: string | undefined): UserInfo | undefined;
  /** By the token itself. */
  token(token: string): UserInfo | undefined;
}

/** Authentication by a table of static bearer tokens. */
export function tokenAuthenticator(tokens: ReadonlyMap<string, UserInfo>): Authenticator {
  const users = [...tokens].map(([token, user]) => ({ digest: digest(token), user }));
  const judge = (token: string): UserInfo | undefined => {
    const given = digest(token);
    return users.find((u) => timingSafeEqual(u.digest, given))?.user;
  };
  // the same header comes with every request of a connection; hashing it once is enough
  let last: { header: string; user: UserInfo } | undefined;
  return {
    token: judge,
    header(header) {
      if (!header) return ANONYMOUS;
      if (last?.header === header) return last.user;
      const token = bearer(header);
      if (token === undefined) return ANONYMOUS;
      const user = judge(token);
      if (user) last = { header, user };
      return user;
    },
  };
}

/** What follows `Bearer ` up to the next space; two spaces in between and it is none. Source: apiserver pkg/authentication/request/bearertoken. */
export function bearer(header: string): string | undefined {
  const [scheme = "", token = ""] = header.trim().split(" ");
  return scheme.toLowerCase() === "bearer" && token !== "" ? token : undefined;
}
