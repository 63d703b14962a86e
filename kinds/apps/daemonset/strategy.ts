/** Source: pkg/registry/apps/daemonset strategy.go; the annotation is where apps/v1 keeps the internal templateGeneration (conversion.go). */

import { dropDisabledTemplateFields, templateEqual, workloadSpecEqual } from "../../core/podtemplate/workload.js";
import type { KubeObject } from "../../object.js";
import { keepStatus } from "../../status.js";
import { parseInt64Fault } from "../../validation/numbers.js";

export const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

/** Reads Go's ParseInt would not take are refused before (`conversionFault`). */
const templateGeneration = (object: KubeObject): number => {
  const text = object.metadata.annotations?.[TEMPLATE_GENERATION] ?? "";
  return parseInt64Fault(text) === undefined ? Number(text) : 0;
};

export function conversionFault(object: KubeObject): string | undefined {
  const text = object.metadata.annotations?.[TEMPLATE_GENERATION];
  return text === undefined ? undefined : parseInt64Fault(text);
}

/** The internal type always has the number, so what is written from it always has the annotation. */
export const defaultTemplateGeneration = (object: KubeObject): void => setTemplateGeneration(object, templateGeneration(object));

function setTemplateGeneration(object: KubeObject, n: number): void {
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(n) };
}

export function prepareForCreate(object: KubeObject): void {
  object.metadata.generation = 1;
  object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  setTemplateGeneration(object, Math.max(1, templateGeneration(object)));
  dropDisabledTemplateFields(object.spec?.template);
}

/** Clients cannot move the template generation: it counts changes of the template. */
export function prepareForUpdate(object: KubeObject, old: KubeObject): void {
  keepStatus(object, old);
  dropDisabledTemplateFields(object.spec?.template, old.spec?.template);
  const changed = !templateEqual(object.spec?.template, old.spec?.template);
  setTemplateGeneration(object, templateGeneration(old) + (changed ? 1 : 0));
}

export const generationMoves = (object: KubeObject, old: KubeObject): boolean => !workloadSpecEqual(object, old);

export const templateChanged = (object: KubeObject, old: KubeObject): boolean => templateGeneration(object) !== templateGeneration(old);

export const prepareStatusForUpdate = (object: KubeObject, old: KubeObject): void => setTemplateGeneration(object, templateGeneration(old));
