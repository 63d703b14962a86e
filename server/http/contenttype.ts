import type { FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Content-Type as it came: Fastify, which has ideas of its own about it, is shown another. */
    givenType: string;
  }
}

/** What Fastify sees of every body's type. */
const SHOWN = "application/octet-stream";

/** Keeps the header as it came and hides it from Fastify. To be called before bodies are parsed. */
export function keepContentType(request: FastifyRequest): void {
  const given = request.raw.headers["content-type"];
  request.givenType = given ?? "";
  if (given !== undefined) request.raw.headers["content-type"] = SHOWN;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const TYPE = new RegExp(`^${TOKEN}(?:/${TOKEN})?$`);
const PARAMETER = new RegExp(`^\\s*;\\s*(${TOKEN})\\s*=\\s*(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`);

/** The media type in a Content-Type header, in lower case; undefined for what is none. Source: mime.ParseMediaType. */
export function mediaTypeOf(header: string): string | undefined {
  const [base = ""] = header.split(";");
  const type = base.trim().toLowerCase();
  if (!TYPE.test(type)) return undefined;
  const seen = new Set<string>();
  for (let rest = header.slice(base.length); rest.trim() !== ""; ) {
    const match = PARAMETER.exec(rest);
    // a semicolon at the end is nothing
    if (!match) return rest.trim() === ";" ? type : undefined;
    const name = (match[1] as string).toLowerCase();
    if (seen.has(name)) return undefined;
    seen.add(name);
    rest = rest.slice(match[0].length);
  }
  return type;
}
