import { PRIVILEGED_GROUP } from "../auth/authorizer.js";
import type { RequestContext } from "../pipeline/types.js";

/** The server's own requests. */
export const serverContext = (fieldManager: string): RequestContext => ({
  user: { name: "system:apiserver", groups: [PRIVILEGED_GROUP, "system:authenticated"] },
  userAgent: "kube-apiserver",
  fieldManager,
  dryRun: false,
  fieldValidation: "Ignore",
  trusted: true,
  warn: () => {},
});
