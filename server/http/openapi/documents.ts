import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Kind } from "../../../kinds/kind.js";
import { type Descriptions, descriptions } from "../../../kinds/schema/descriptions.js";
import type { Doc, Route } from "./model.js";
import { groupRoute, ROOT_DOCUMENTS, versionRoute } from "./nonresource.js";
import { encode } from "./protobuf/encode.js";
import { V2_MESSAGES } from "./protobuf/v2.js";
import { V3_MESSAGES } from "./protobuf/v3.js";
import { builtinDefinitions, routesOf } from "./routes.js";
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

/** The kinds of one group version. */
interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
}

/** `text` is what the descriptions say; the default is what the build has put beside the bundle. */
export function documentsOf(kinds: readonly Kind[], now: () => Date = () => new Date(), text: Descriptions = descriptions()): Documents {
  const groupVersions = new Map<string, GroupVersion>();
  for (const kind of kinds) {
    const name = kind.group ? `apis/${kind.group}/${kind.version}` : `api/${kind.version}`;
    groupVersions.set(name, { group: kind.group, version: kind.version, kinds: [...(groupVersions.get(name)?.kinds ?? []), kind] });
  }
  const groups = new Set([...groupVersions.values()].map((gv) => gv.group).filter((g) => g !== ""));

  const routesOfVersion = (name: string, gv: GroupVersion): Route[] => [
    versionRoute(`/${name}`),
    ...gv.kinds.flatMap((kind) => routesOf(kind, builtinDefinitions(kind), text.parameter)),
  ];
  const documentOf = (routes: readonly Route[], place: Place): Doc => {
    const schemas = new Schemas(place, text);
    return place.version === 2 ? documentV2(routes, schemas) : documentV3(routes, schemas);
  };
  const builders = new Map<string, () => Doc>();
  for (const [name, route] of Object.entries(ROOT_DOCUMENTS)) builders.set(name, () => documentOf([route], { version: 3 }));
  for (const group of groups) builders.set(`apis/${group}`, () => documentOf([groupRoute(group)], { version: 3 }));
  for (const [name, gv] of groupVersions)
    builders.set(name, () => documentOf(routesOfVersion(name, gv), { version: 3, group: gv.group, groupVersion: gv.version }));

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
        return render(documentOf(routes, { version: 2 }), now(), (doc) => encode(V2_MESSAGES, "Document", doc));
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
