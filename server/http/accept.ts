/** One clause of an Accept header. */
export interface Clause {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
  readonly params: Readonly<Record<string, string>>;
}

/** Spaces only: tabs are part of what they surround. */
const trim = (text: string): string => text.replace(/^ +| +$/g, "");

function clauseOf(part: string): Clause | undefined {
  const [range = "", ...raw] = trim(part).split(";");
  const [first = "", subtype = "", ...more] = range.split("/");
  const type = trim(first);
  if (more.join("/") !== "" || (subtype === "" && type !== "*")) return undefined;
  const params: Record<string, string> = Object.create(null);
  let q = 1;
  for (const param of raw) {
    const [name = "", value = "", ...rest] = param.split("=");
    if (value === "" || rest.join("=") !== "") continue;
    if (trim(name) === "q") q = Number(value) || 0;
    else params[trim(name)] = trim(value);
  }
  return { type, subtype: subtype === "" ? "*" : trim(subtype), q, params };
}

const wildcards = (c: Clause): number => Number(c.type === "*") + Number(c.subtype === "*");

/** The clauses of an Accept header, best first: by weight, then the less general; what is no clause is passed over. Source: goautoneg.ParseAccept. */
export function parseAccept(header: string): Clause[] {
  const clauses = header.split(",").flatMap((part) => clauseOf(part) ?? []);
  return clauses.sort((a, b) => b.q - a.q || wildcards(a) - wildcards(b));
}

/** Whether the router lets a request through to a handler that makes these types: by name, or any; it looks at no parameter. Source: go-restful Route.matchesAccept. */
export function routeAccepts(header: string | undefined, produces: readonly string[]): boolean {
  if (!header) return true;
  return header.split(",").some((part) => {
    const type = trim(part.split(";")[0] ?? "");
    return type === "*/*" || produces.includes(type);
  });
}
