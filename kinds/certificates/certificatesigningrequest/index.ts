/** CertificateSigningRequest. Source: pkg/registry/certificates/certificates. */
import type { Kind, PrepareContext, ViewSubresource } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import type { CertificateSigningRequestCondition } from "../../schema/api/certificates.v1.js";
import { keepStatus, statusView, VIEW_VERBS } from "../../status.js";
import { formatTime } from "../../time.js";
import { certificateSigningRequestPrinter } from "./printer.js";
import { validateCertificateSigningRequest, validateCertificateSigningRequestUpdate } from "./validate.js";

type Condition = Partial<CertificateSigningRequestCondition>;
const conditionsOf = (object: KubeObject): Condition[] => object.status?.conditions ?? [];

/** Whoever adds a condition need not look at the clock. Source: populateConditionTimestamps. */
function populateTimestamps(object: KubeObject, old: KubeObject, { now }: PrepareContext): void {
  for (const c of conditionsOf(object)) {
    c.lastUpdateTime ??= formatTime(now);
    if (c.lastTransitionTime) continue;
    const same = conditionsOf(old).find((o) => o.type === c.type && o.status === c.status && o.lastTransitionTime);
    c.lastTransitionTime = same?.lastTransitionTime ?? formatTime(now);
  }
}

/** Decisions stay as they were taken, unless some were added or removed: validation speaks of that. Source: preserveConditionInstances. */
function preserve(object: KubeObject, old: KubeObject, type: string): void {
  const kept = conditionsOf(old).filter((c) => c.type === type);
  const conditions = conditionsOf(object);
  if (kept.length !== conditions.filter((c) => c.type === type).length) return;
  for (const [i, c] of conditions.entries()) if (c.type === type) conditions[i] = kept.shift() as Condition;
}

const status = statusView({
  prepareForUpdate(object, old, ctx) {
    preserve(object, old, "Approved");
    preserve(object, old, "Denied");
    populateTimestamps(object, old, ctx);
  },
  validateUpdate: (object, old) => validateCertificateSigningRequestUpdate(object, old, { certificate: true }),
});

const approval: ViewSubresource = {
  name: "approval",
  verbs: VIEW_VERBS,
  prepareForUpdate(object, old, ctx) {
    populateTimestamps(object, old, ctx);
    const conditions = object.status?.conditions;
    object.spec = old.spec;
    object.status = { ...old.status, conditions };
    if (conditions === undefined) delete object.status.conditions;
  },
  validateUpdate: (object, old) => validateCertificateSigningRequestUpdate(object, old, { approval: true }),
};

export const certificateSigningRequest: Kind = {
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  resource: "certificatesigningrequests",
  singular: "certificatesigningrequest",
  shortNames: ["csr"],
  namespaced: false,
  schema: "io.k8s.api.certificates.v1.CertificateSigningRequest",
  validateName: () => [],
  prepareForCreate(object, { user, uid, groups, extra }) {
    const spec = { ...object.spec };
    for (const key of ["username", "uid", "groups", "extra"]) delete spec[key];
    if (user) spec.username = user;
    if (uid) spec.uid = uid;
    if (groups?.length) spec.groups = [...groups];
    if (extra && Object.keys(extra).length) spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
    object.spec = spec;
    object.status = {};
  },
  prepareForUpdate(object, old) {
    object.spec = old.spec;
    keepStatus(object, old);
  },
  validate: validateCertificateSigningRequest,
  validateUpdate: (object, old) => validateCertificateSigningRequestUpdate(object, old, {}),
  selectable: { "spec.signerName": (object) => object.spec?.signerName ?? "" },
  status,
  views: [approval],
  printer: certificateSigningRequestPrinter,
};
