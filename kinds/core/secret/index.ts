/** Secret. Sources: pkg/registry/core/secret, pkg/apis/core/v1 conversion (stringData) and defaults. */
import type { Kind } from "../../kind.js";
import type { KubeObject } from "../../object.js";
import { age, printer } from "../../printing.js";
import { SECRET_COLUMNS } from "./printer.js";
import { validateSecret, validateSecretUpdate } from "./validate.js";
import { tlsPairProblem } from "./warnings.js";

/** stringData is a convenience for writers: it goes into data, over what is there, and is never stored. */
function defaults(object: KubeObject): void {
  if (!object.type) object.type = "Opaque";
  const plain: Record<string, string> | undefined = object.stringData;
  if (plain && Object.keys(plain).length > 0) {
    object.data ??= {};
    for (const [key, value] of Object.entries(plain)) object.data[key] = Buffer.from(value, "utf8").toString("base64");
  }
  delete object.stringData;
}

export const secret: Kind = {
  group: "",
  version: "v1",
  kind: "Secret",
  resource: "secrets",
  singular: "secret",
  namespaced: true,
  schema: "io.k8s.api.core.v1.Secret",
  defaults,
  prepareForUpdate(object, old) {
    if (!object.type) object.type = old.type;
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warnings: (object) => (object.type === "kubernetes.io/tls" ? tlsPairProblem(object.data?.["tls.crt"], object.data?.["tls.key"]) : []),
  selectable: { type: (o) => o.type ?? "" },
  printer: printer(SECRET_COLUMNS, (o, ctx) => [o.metadata.name ?? "", o.type ?? "", Object.keys(o.data ?? {}).length, age(o, ctx)]),
};
