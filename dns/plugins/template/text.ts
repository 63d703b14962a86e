/** What a template may speak of. Names end with a dot. */
export interface Data {
  readonly Zone: string;
  readonly Name: string;
  readonly Regex: string;
  readonly Match: readonly string[];
  readonly Group: Readonly<Record<string, string>>;
  readonly Class: string;
  readonly Type: string;
  readonly Remote: string;
  readonly Question: { readonly Name: string };
}

/** A template that was read. */
export interface Text {
  /** Errors: what it speaks of is not there. */
  render(data: Data): string;
  /** Its text is another one for another client. */
  readonly personal: boolean;
}

type Part = (data: Data) => string;

const FIELDS = ["Zone", "Name", "Regex", "Class", "Type", "Remote"] as const;

/** What stands between two pairs of braces. */
function partOf(action: string): Part {
  const [, field] = /^\.(\w+)$/.exec(action) ?? [];
  const known = FIELDS.find((name) => name === field);
  if (known) return (data) => data[known];
  if (action === ".Question.Name") return (data) => data.Question.Name;
  const [, index] = /^index\s+\.Match\s+(\d+)$/.exec(action) ?? [];
  if (index !== undefined) {
    return ({ Match }) => {
      if (Match[Number(index)] === undefined) throw new Error(`error calling index: reflect: slice index out of range: ${index}`);
      return Match[Number(index)];
    };
  }
  const [, dotted, quoted] = /^(?:\.Group\.(\w+)|index\s+\.Group\s+"([^"]*)")$/.exec(action) ?? [];
  const group = dotted ?? quoted;
  // a map without the key says so, in Go's words
  if (group !== undefined) return ({ Group }) => Group[group] ?? (dotted !== undefined ? "<no value>" : "");
  throw new Error(
    `{{ ${action} }} is not supported; understood are .Name, .Zone, .Type, .Class, .Regex, .Remote, .Question.Name, .Group.NAME and index .Match NUMBER`,
  );
}

/** Reads a Go template as far as it only puts values in. Errors: what it says beyond that. Source: text/template; CoreDNS plugin/template templateData. */
export function textOf(template: string): Text {
  const parts: Part[] = [];
  const actions: string[] = [];
  let rest = template;
  for (;;) {
    const start = rest.indexOf("{{");
    if (start < 0) break;
    const end = rest.indexOf("}}", start);
    if (end < 0) throw new Error("unclosed action");
    const inner = rest.slice(start + 2, end);
    const [left, right] = [/^-\s/.test(inner), /\s-$/.test(inner)];
    const before = rest.slice(0, start);
    const plain = left ? before.trimEnd() : before;
    parts.push(() => plain);
    rest = right ? rest.slice(end + 2).trimStart() : rest.slice(end + 2);
    const action = inner.slice(left ? 1 : 0, right ? -1 : undefined).trim();
    if (/^\/\*.*\*\/$/s.test(action)) continue;
    actions.push(action);
    parts.push(partOf(action));
  }
  const tail = rest;
  parts.push(() => tail);
  return { render: (data) => parts.map((part) => part(data)).join(""), personal: actions.includes(".Remote") };
}
