import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { UserInfo } from "../pipeline/types.js";

/** Nobody in particular: a request without a bearer token. */
export const ANONYMOUS: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The user that every kubeconfig of ours speaks as. */
export const ADMIN: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Authentication by a table of static bearer tokens. Returns the user, anonymous without a token (basic auth counts as none), undefined for a token that is
 * unknown: upstream answers
 * 401 to that, even on /healthz.
 */
export function tokenAuthenticator(tokens: ReadonlyMap<string, UserInfo>): (request: FastifyRequest) => UserInfo | undefined {
  const users = [...tokens].map(([token, user]) => ({ digest: digest(token), user }));
  // the same header comes with every request of a connection; hashing it once is enough
  let last: { header: string; user: UserInfo } | undefined;
  return ({ headers: { authorization: header } }) => {
    if (!header) return ANONYMOUS;
    if (last?.header === header) return last.user;
    const bearer = /^bearer +(\S+) *$/i.exec(header);
    if (!bearer) return ANONYMOUS;
    const given = digest(bearer[1] as string);
    const user = users.find((u) => timingSafeEqual(u.digest, given))?.user;
    if (user) last = { header, user };
    return user;
  };
}
