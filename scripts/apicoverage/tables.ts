/** docs/API_COVERAGE.md's generated parts, out of the registry, the list of what kube-apiserver serves, and the notes. Pure. */
import { ALL_VERBS, type Kind } from "../../kinds/kind.js";
import { type UpstreamResource, upstreamResources } from "../../kinds/upstream.js";
import { LEFT_OUT, NOTES, type Note } from "./notes.js";

/** A resource of kube-apiserver and what has become of it here. */
export interface Row extends UpstreamResource {
  readonly groupVersion: string;
  /** `v1 pods/log`: what notes call it. */
  readonly id: string;
  readonly served: boolean;
  /** Verbs that kube-apiserver has and we have not. */
  readonly lacking: readonly string[];
  readonly note: Note | undefined;
}

const VIEW_VERBS = ["get", "patch", "update"];

/** The verbs of a resource or subresource, undefined when the registry has none such. */
function verbsHere(kinds: readonly Kind[], { group, version, name }: UpstreamResource): readonly string[] | undefined {
  const [resource, sub] = name.split("/");
  const kind = kinds.find((k) => k.group === group && k.version === version && k.resource === resource);
  if (!kind || !sub) return kind && (kind.verbs ?? ALL_VERBS);
  if (sub === "scale") return kind.scale && VIEW_VERBS;
  if (sub === "status" && kind.status) return kind.status === true ? VIEW_VERBS : kind.status.verbs;
  return (kind.views?.find((v) => v.name === sub) ?? kind.connect?.find((c) => c.name === sub))?.verbs;
}

/** One row for each resource and subresource of kube-apiserver, in discovery's order. */
export function rowsOf(kinds: readonly Kind[]): Row[] {
  return upstreamResources().map((upstream) => {
    const groupVersion = upstream.group ? `${upstream.group}/${upstream.version}` : upstream.version;
    const id = `${groupVersion} ${upstream.name}`;
    const verbs = verbsHere(kinds, upstream);
    const served = verbs !== undefined;
    return { ...upstream, groupVersion, id, served, lacking: upstream.verbs.filter((v) => !verbs?.includes(v)), note: served ? NOTES[id] : undefined };
  });
}

/** A sentence for the last column. */
function verdict(row: Row): string {
  if (!row.served) return "no";
  if (row.note) return { absent: "named only", empty: "none can be made", inert: "kept only" }[row.note.state];
  return row.lacking.length ? `without ${row.lacking.join(", ")}` : "yes";
}

/** Columns as wide as their widest cell, as a reader of the source wants them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), `| ${widths.map((w) => "-".repeat(w)).join(" | ")} |`, ...rows.map(line)].join("\n");
}

const verbsText = (verbs: readonly string[]): string => (verbs.length === ALL_VERBS.length ? "all" : verbs.join(", "));

/** Every resource, by group version. */
function resources(rows: readonly Row[]): string {
  return [...new Set(rows.map((r) => r.groupVersion))]
    .map((groupVersion) => {
      const cells = rows
        .filter((r) => r.groupVersion === groupVersion)
        .map((r) => [r.name, r.kind, r.namespaced ? "namespace" : "cluster", verbsText(r.verbs), verdict(r)]);
      return `### ${groupVersion}\n\n${table(["resource", "kind", "scope", "verbs", "here"], cells)}`;
    })
    .join("\n\n");
}

function summary(rows: readonly Row[]): string {
  const count = (of: (row: Row) => boolean): number => rows.filter(of).length;
  const [named, kept] = [count((r) => r.note !== undefined && r.note.state !== "inert"), count((r) => r.note?.state === "inert")];
  const no = count((r) => !r.served);
  return [
    `kube-apiserver 1.36 serves ${rows.length} resources and subresources by default. Of these`,
    "",
    `- ${rows.length - named - kept - no} are here and do what they do there,`,
    `- ${kept} can be read and written, with all their rules, and nothing comes of it yet (\`kept only\`),`,
    `- ${named} are named by discovery and refused by name (\`named only\`; \`none can be made\` where reading finds an empty list),`,
    `- ${no} ${no === 1 ? "is" : "are"} not here (\`no\`).`,
  ].join("\n");
}

/** What a client gets who asks for what is not here, or makes what there cannot be. */
export function answerTo(row: Row): { readonly code: number; readonly message: string } | undefined {
  const full = row.group ? `${row.name}.${row.group}` : row.name;
  if (!row.served) return { code: 404, message: `the server could not find the requested resource: mockube does not serve ${full}` };
  if (row.note?.state === "absent") return { code: 501, message: `mockube does not support ${row.name}` };
  return row.note?.state === "empty" ? { code: 501, message: `mockube does not support ${full}` } : undefined;
}

function kept(rows: readonly Row[]): string {
  const cells = rows.filter((r) => r.note?.state === "inert").map((r) => [`${r.name}, ${r.groupVersion}`, r.note?.text ?? ""]);
  return table(["resource", "what does not happen, and why"], cells);
}

function refused(rows: readonly Row[]): string {
  const cells = rows.flatMap((r) => {
    const answer = answerTo(r);
    return answer ? [[`${r.name}, ${r.groupVersion}`, `${answer.code} \`${answer.message}\``, r.note?.text ?? ""]] : [];
  });
  return table(["resource", "answer", "why"], cells);
}

const omitted = (): string => table(["resources", "why"], Object.entries(LEFT_OUT));

const PARTS: Readonly<Record<string, (rows: readonly Row[]) => string>> = { summary, resources, kept, refused, omitted };
const marks = (part: string): { readonly start: string; readonly end: string } => ({ start: `<!-- generated: ${part} -->`, end: `<!-- end of ${part} -->` });

/** The document with its generated parts made anew; what stands around them stays. */
export function regenerate(document: string, kinds: readonly Kind[]): string {
  const rows = rowsOf(kinds);
  let text = document;
  for (const [part, render] of Object.entries(PARTS)) {
    const { start, end } = marks(part);
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`no place for "${part}" in the document`);
    text = `${text.slice(0, from + start.length)}\n\n${render(rows)}\n\n${text.slice(to)}`;
  }
  return text;
}
