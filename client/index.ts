export * from "./client.js";
export { createInformers } from "./informers.js";
export { createClient } from "./pipelineclient.js";
export { ApiError, isAlreadyExists, isConflict, isForbidden, isInvalid, isNamespaceTerminating, isNotFound } from "../server/errors.js";
