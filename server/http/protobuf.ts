import type { MediaType } from "./negotiate.js";

/** What answers in protobuf need. Loaded when the first client asks for it: a start does not pay for it. */
export type ProtobufAnswers = typeof import("../codec/protobuf/answer.js");

/** The encoder when the client is to be answered in protobuf. */
export const protobufFor = async (mediaType: MediaType): Promise<ProtobufAnswers | undefined> =>
  mediaType === "application/vnd.kubernetes.protobuf" ? import("../codec/protobuf/answer.js") : undefined;
