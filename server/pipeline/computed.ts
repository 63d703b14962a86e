import { type Kind, storageKey } from "../../kinds/kind.js";
import type { Entry } from "../../storage/store.js";
import { encodeStored } from "../codec/encode.js";
import { notFound } from "../errors.js";
import type { Page } from "./list.js";
import { answerEntry, canonicalOf } from "./objects.js";
import { hookOf } from "./resources/types.js";
import type { Selection } from "./selection.js";
import type { Answer, Services, Target } from "./types.js";

/** Reads of kinds that are not stored: their objects are made for each request, as entries that no store knows. They have no versions and no pages. */

function entriesOf(services: Services, kind: Kind): readonly (Entry & { readonly memo: ReturnType<typeof canonicalOf> })[] {
  return (hookOf(services, kind)?.computed?.() ?? []).map((object) => {
    const memo = canonicalOf(kind, object);
    const { namespace = "", name = "" } = memo.metadata;
    return { key: storageKey(kind, namespace, name), revision: 0, created: 0, bytes: encodeStored(memo), memo };
  });
}

/** Errors name the one object: upstream's registry is written by hand. Source: pkg/registry/core/componentstatus Get. */
export function getComputed(services: Services, { kind, name }: Target): Answer {
  const entry = entriesOf(services, kind).find(({ memo }) => memo.metadata.name === name);
  if (!entry) throw notFound({ group: kind.group, resource: kind.singular }, name);
  return answerEntry(200, kind, entry);
}

export function listComputed(services: Services, kind: Kind, selection: Selection): Page {
  const entries = entriesOf(services, kind).filter(({ memo }) => selection.everything || selection.matches(memo));
  return { kind, entries, resourceVersion: "", continue: "" };
}
