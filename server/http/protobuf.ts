import { lazily } from "../codec/lazy.js";
import type { MediaType } from "./negotiate.js";

/** What answers in protobuf need. Loaded when the first client asks for it: a start does not pay for it. */
export type ProtobufAnswers = typeof import("../codec/protobuf/answer.js");

/** The encoder when the client is to be answered in protobuf. */
export const protobufFor = (mediaType: MediaType): ProtobufAnswers | Promise<ProtobufAnswers> | undefined =>
  mediaType === "application/vnd.kubernetes.protobuf" ? answers() : undefined;

const answers = lazily((): Promise<ProtobufAnswers> => import("../codec/protobuf/answer.js"));
