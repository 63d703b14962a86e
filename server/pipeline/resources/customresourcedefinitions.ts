import { notSupportedHere } from "../../errors.js";
import type { ResourceHook } from "./types.js";

/** What cannot be kept is not taken: a definition that nothing is served by would be a silent success. */
export const customResourceDefinitions: ResourceHook = {
  guardCreate() {
    throw notSupportedHere("customresourcedefinitions.apiextensions.k8s.io");
  },
};
