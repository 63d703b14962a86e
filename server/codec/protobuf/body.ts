/** Protobuf bodies: what their envelope says they are, and the object in them. */

import type { KubeObject } from "../../../kinds/object.js";
import { structFact } from "../../../kinds/schema/index.js";
import type { GroupVersionKind } from "../body.js";
import { decodeValue } from "../decode.js";
import { DecodeError } from "../errors.js";
import { decodeMessage } from "./decode.js";
import { unwrap } from "./envelope.js";

/** An opened body. */
export interface ProtobufBody {
  /** As given, empty where the envelope says nothing. An apiVersion that is none counts as nothing. */
  readonly gvk: GroupVersionKind;
  /** Decodes the message into a struct, canonical, as an object of `gvk`. Throws DecodeError. */
  decode(schema: string, gvk: GroupVersionKind): KubeObject;
}

/** Opens a body. Throws DecodeError with the reason alone. */
export function protobufBody(body: Buffer): ProtobufBody {
  const { apiVersion, kind, raw } = unwrap(body);
  const parts = apiVersion === "/" ? [""] : apiVersion.split("/");
  const [group, version] = parts.length === 1 ? ["", parts[0] as string] : parts.length === 2 ? (parts as [string, string]) : ["", ""];
  return {
    gvk: { group, version, kind },
    decode: (schema, gvk) => {
      // custom resources have no Go type, and so no message
      if (!structFact(schema)?.proto)
        throw new DecodeError(`object ${NO_MESSAGE} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`);
      const values = decodeMessage(schema, raw);
      return decodeValue(schema, { kind: gvk.kind, apiVersion: gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version, ...values }).object;
    },
  };
}

const NO_MESSAGE = "*unstructured.Unstructured";
