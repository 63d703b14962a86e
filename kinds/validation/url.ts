/** URLs as Go parses them, and what it says about those it does not. Source: net/url Parse. */
import { quote } from "../field.js";

export interface GoURL {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly user: string | undefined;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

class BadURL extends Error {}

/** What a host may hold below U+0080. Source: net/url shouldEscape for encodeHost. */
const HOST_CHARACTER = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]$/;

/** A part with its percent escapes resolved; a host may only escape bytes that are no ASCII. */
function decode(text: string, host: boolean): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text)?.index ?? (host ? /%(?!25)[0-7]/.exec(text)?.index : undefined);
  if (bad !== undefined) throw new BadURL(`invalid URL escape ${quote(text.slice(bad, bad + 3))}`);
  const odd = host ? [...text].find((char) => char.length === 1 && !HOST_CHARACTER.test(char)) : undefined;
  if (odd !== undefined) throw new BadURL(`invalid character ${quote(odd)} in host name`);
  const parts = text.split(/%([0-9a-fA-F]{2})/);
  return Buffer.concat(parts.map((part, i) => Buffer.from(part, i % 2 === 1 ? "hex" : "utf8"))).toString("utf8");
}

function parseHost(host: string): string {
  const badPort = (port: string): never => {
    throw new BadURL(`invalid port ${quote(port)} after host`);
  };
  const isPort = (port: string): boolean => port === "" || /^:[0-9]*$/.test(port);
  if (host.startsWith("[")) {
    const close = host.lastIndexOf("]");
    if (close < 0) throw new BadURL("missing ']' in host");
    const port = host.slice(close + 1);
    if (!isPort(port)) badPort(port);
  } else {
    const colon = host.lastIndexOf(":");
    if (colon >= 0 && !isPort(host.slice(colon))) badPort(host.slice(colon));
  }
  return decode(host, true);
}

function scheme(text: string): [string, string] {
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (/[A-Za-z]/.test(c)) continue;
    if (/[0-9+.-]/.test(c)) {
      if (i === 0) return ["", text];
      continue;
    }
    if (c !== ":") return ["", text];
    if (i === 0) throw new BadURL("missing protocol scheme");
    return [text.slice(0, i).toLowerCase(), text.slice(i + 1)];
  }
  return ["", text];
}

function cut(text: string, at: string): [string, string | undefined] {
  const i = text.indexOf(at);
  return i < 0 ? [text, undefined] : [text.slice(0, i), text.slice(i + 1)];
}

function parse(text: string): GoURL {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) throw new BadURL("net/url: invalid control character in URL");
  const [beforeFragment, fragment = ""] = cut(text, "#");
  const [name, afterScheme] = scheme(beforeFragment);
  const [path, query = ""] = cut(afterScheme, "?");
  let rest = path;
  const out = { scheme: name, host: "", user: undefined as string | undefined, path: "", query, fragment: decode(fragment, false) };
  if (!rest.startsWith("/")) {
    if (name) return out;
    if ((rest.split("/")[0] as string).includes(":")) throw new BadURL("first path segment in URL cannot contain colon");
  }
  if ((name || !rest.startsWith("///")) && rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? "" : rest.slice(slash);
    const at = authority.lastIndexOf("@");
    out.host = parseHost(at < 0 ? authority : authority.slice(at + 1));
    if (at >= 0) {
      const info = authority.slice(0, at);
      if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(info)) throw new BadURL("net/url: invalid userinfo");
      decode(info, false);
      out.user = info;
    }
  }
  out.path = decode(rest, false);
  return out;
}

/** The parts of a URL, or Go's error about it. */
export function parseURL(text: string): GoURL | { readonly error: string } {
  try {
    return parse(text);
  } catch (e) {
    if (!(e instanceof BadURL)) throw e;
    return { error: `parse ${quote(text)}: ${e.message}` };
  }
}
