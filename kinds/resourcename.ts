import type { Kind } from "./kind.js";

/**
 * The kind that a word of the command line names, as kubectl reads it: the resource, its singular or a short name, in any case, with the group (`deployments.apps`) or
 * version and group (`deployments.v1.apps`) behind it. Kinds come in discovery's order: the first that answers to the name is meant. Source: cli-runtime's shortcut
 * expander and apimachinery's ParseResourceArg.
 */
export function kindNamed(kinds: readonly Kind[], text: string): Kind | undefined {
  const word = text.toLowerCase();
  const answers = (kind: Kind, name: string): boolean => kind.resource === name || kind.singular === name || (kind.shortNames ?? []).includes(name);
  const plain = kinds.find((kind) => answers(kind, word));
  if (plain || !word.includes(".")) return plain;
  const [name, second, ...rest] = word.split(".");
  const group = [second, ...rest].join(".");
  return (
    kinds.find((kind) => answers(kind, name) && kind.version === second && kind.group === rest.join(".")) ??
    kinds.find((kind) => answers(kind, name) && kind.group === group)
  );
}
