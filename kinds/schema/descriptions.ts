import { readFileSync } from "node:fs";

/**
 * Prose about definitions, fields and query parameters. It is no part of the sources: the build puts `descriptions.json` beside the bundle, and where the
 * file is absent there are no descriptions.
 */
export interface Descriptions {
  definition(name: string): string | undefined;
  field(name: string, field: string): string | undefined;
  /** A query or path parameter by the options it belongs to: `ListOptions`, `PodExecOptions`, or `request` for those of no options. */
  parameter(options: string, name: string): string | undefined;
}

/** The file's shape: texts once, everything else points into them. */
interface DescriptionsFile {
  readonly texts: readonly string[];
  /** The definition's own text (-1: none), then its fields'. */
  readonly definitions: Readonly<Record<string, readonly [number, Readonly<Record<string, number>>]>>;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const NONE: Descriptions = { definition: () => undefined, field: () => undefined, parameter: () => undefined };

let loaded: Descriptions | undefined;

/** The descriptions, read at the first call. Immutable, the same for every cluster. */
export function descriptions(): Descriptions {
  loaded ??= load();
  return loaded;
}

function load(): Descriptions {
  let text: string;
  try {
    // bundled, this module is in a folder of dist: the file is one up
    text = readFileSync(new URL("../descriptions.json", import.meta.url), "utf8");
  } catch {
    return NONE;
  }
  return describe(JSON.parse(text) as DescriptionsFile);
}

/** Look-ups over the file's content. */
export function describe(file: DescriptionsFile): Descriptions {
  const at = (index: number | undefined): string | undefined => (index === undefined ? undefined : file.texts[index]);
  return {
    definition: (name) => at(file.definitions[name]?.[0]),
    field: (name, field) => at(file.definitions[name]?.[1][field]),
    parameter: (options, name) => at(file.parameters[options]?.[name]),
  };
}
