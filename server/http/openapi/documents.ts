import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Kind } from "../../../kinds/kind.js";
import { type Descriptions, descriptions } from "../../../kinds/schema/descriptions.js";
import { type CustomSchema, type CustomSchemas, customRoutes, defineCustom } from "./custom.js";
import type { Doc, Route } from "./model.js";
import { groupRoute, ROOT_DOCUMENTS, versionRoute } from "./nonresource.js";
import { encode } from "./protobuf/encode.js";
import { V2_MESSAGES } from "./protobuf/v2.js";
import { V3_MESSAGES } from "./protobuf/v3.js";
import { routesOf } from "./routes.js";
import { type Place, Schemas } from "./schemas.js";
import { documentV2 } from "./v2.js";
import { documentV3 } from "./v3.js";

/** One document in the forms it is served in. */
export interface Rendered {
  readonly json: Buffer;
  /** gnostic's protobuf form of the same; made at the first call. */
  protobuf(): Buffer;
  /** One of the two, compressed once. */
  gzip(form: Buffer): Promise<Buffer>;
  /** SHA-512 of the JSON in upper-case hex: the ETag without its quotes, of both forms. */
  readonly hash: string;
  readonly lastModified: Date;
}

/** The OpenAPI documents of a fixed set of kinds. Each is built when it is first asked for. */
export interface Documents {
  v2(): Rendered;
  /** Names of the v3 documents (`api/v1`, `apis/apps/v1`, `version` …), sorted. */
  readonly names: readonly string[];
  /** A v3 document by its name. */
  v3(name: string): Rendered | undefined;
}

/** The kinds of one group version; `custom` where CustomResourceDefinitions define them. */
interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
  readonly custom: boolean;
}

export interface DocumentOptions {
  /** For Last-Modified. */
  readonly now?: () => Date;
  /** What the descriptions say; by default what the build has put beside the bundle. */
  readonly text?: Descriptions;
  readonly customSchema?: CustomSchemas | undefined;
}

/** The documents of these kinds, which are taken as they are now. */
export function documentsOf(kinds: readonly Kind[], options: DocumentOptions = {}): Documents {
  const { now = () => new Date(), text = descriptions(), customSchema = () => undefined } = options;
  const customs = new Map(kinds.map((kind) => [kind, customSchema(kind)]).filter((e): e is [Kind, CustomSchema] => e[1] !== undefined));
  const groupVersions = new Map<string, GroupVersion>();
  for (const kind of kinds) {
    const name = kind.group ? `apis/${kind.group}/${kind.version}` : `api/${kind.version}`;
    const before = groupVersions.get(name)?.kinds ?? [];
    groupVersions.set(name, { group: kind.group, version: kind.version, kinds: [...before, kind], custom: customs.has(kind) });
  }
  const groups = new Set([...groupVersions.values()].filter((gv) => !gv.custom).map((gv) => gv.group));
  groups.delete("");

  const routesOfVersion = (name: string, gv: GroupVersion): Route[] =>
    gv.custom
      ? gv.kinds.flatMap((kind) => customRoutes(kind, text.parameter))
      : [versionRoute(`/${name}`), ...gv.kinds.flatMap((kind) => routesOf(kind, text.parameter))];
  const documentOf = (routes: readonly Route[], place: Place, of: readonly Kind[] = [], custom = false): Doc => {
    const schemas = new Schemas(place, text);
    for (const kind of of) {
      const definition = customs.get(kind);
      if (definition) defineCustom(kind, definition, schemas, place.version, text);
    }
    return place.version === 2 ? documentV2(routes, schemas) : documentV3(routes, schemas, custom);
  };
  const builders = new Map<string, () => Doc>();
  for (const [name, route] of Object.entries(ROOT_DOCUMENTS)) builders.set(name, () => documentOf([route], { version: 3 }));
  for (const group of groups) builders.set(`apis/${group}`, () => documentOf([groupRoute(group)], { version: 3 }));
  for (const [name, gv] of groupVersions) {
    // documents of custom resources name all the scheme's versions of DeleteOptions, the others only those of their own
    const place: Place = gv.custom ? { version: 3 } : { version: 3, group: gv.group, groupVersion: gv.version };
    builders.set(name, () => documentOf(routesOfVersion(name, gv), place, gv.kinds, gv.custom));
  }

  const rendered = new Map<string, Rendered>();
  const once = (key: string, build: () => Rendered): Rendered => {
    const found = rendered.get(key) ?? build();
    rendered.set(key, found);
    return found;
  };
  return {
    names: [...builders.keys()].sort(),
    v3(name) {
      const build = builders.get(name);
      return build && once(name, () => render(build(), now(), (doc) => encode(V3_MESSAGES, "Document", doc)));
    },
    v2: () =>
      once("v2", () => {
        const routes = [
          ...Object.values(ROOT_DOCUMENTS),
          ...[...groups].map(groupRoute),
          ...[...groupVersions].flatMap(([name, gv]) => routesOfVersion(name, gv)),
        ];
        return render(documentOf(routes, { version: 2 }, kinds), now(), (doc) => encode(V2_MESSAGES, "Document", doc));
      }),
  };
}

function render(document: Doc, lastModified: Date, toProtobuf: (document: Doc) => Buffer): Rendered {
  const json = Buffer.from(JSON.stringify(document));
  let protobuf: Buffer | undefined;
  const compressed = new Map<Buffer, Promise<Buffer>>();
  return {
    json,
    // parsed again rather than kept: the trees are many times the size of their text
    protobuf: () => (protobuf ??= toProtobuf(JSON.parse(json.toString("utf8")) as Doc)),
    gzip(form) {
      const found = compressed.get(form) ?? promisify(gzip)(form, { level: 1 });
      compressed.set(form, found);
      return found;
    },
    hash: createHash("sha512").update(json).digest("hex").toUpperCase(),
    lastModified,
  };
}
