import { describe, expect, it } from "vitest";
import { CorefileError, type Directive } from "../../../dns/corefile/directive.js";
import { parseCorefile } from "../../../dns/corefile/parse.js";
import { DEFAULTS } from "./defaults.js";

const ENV = { ZONE: "example.org", TTL: "30", EMPTY: "", WORDS: "a b" };

const show = ({ name, args, block }: Directive): string =>
  [name, ...args, ...(block ? [`{ ${block.map(show).join("; ")} }`] : [])].join(" ").replace("{  }", "{}");

/** `zones { directives }` of each block; the root is written `.`. */
const read = (text: string): string[] =>
  parseCorefile(text, { env: ENV }).map((b) => `${b.zones.map((z) => z || ".").join(" ")} { ${b.directives.map(show).join("; ")} }`);

const failure = (text: string): string => {
  try {
    parseCorefile(text, { env: ENV });
  } catch (error) {
    expect(error).toBeInstanceOf(CorefileError);
    return (error as Error).message;
  }
  return "no error";
};

describe("#6.4 Corefile: blocks and directives", () => {
  it.each<[string, string, string[]]>([
    ["nothing", "", []],
    ["a block", ". {\n  errors\n  log\n}", [". { errors; log }"]],
    ["no braces: to the end", ".\nerrors\nlog", [". { errors; log }"]],
    ["a name alone", "example.org", ["example.org {  }"]],
    ["two blocks", "a.org {\n log\n}\nb.org {\n errors\n}", ["a.org { log }", "b.org { errors }"]],
    ["the brace on its own line", ".\n{\nlog\n}", [". { log }"]],
    ["zones: case, dots, ports, dns://", "Example.ORG. b.org:53 dns://c.org:053 {\n}", ["example.org b.org c.org {  }"]],
    ["zones with commas, on two lines", "a.org,\nb.org, c.org {\n}", ["a.org b.org c.org {  }"]],
    ["the root with a port", ".:53 {\n}", [". {  }"]],
    ["braces of a directive", "a.org {\n x a b {\n  p 1 2\n  q\n }\n y\n}", ["a.org { x a b { p 1 2; q }; y }"]],
    ["braces in braces", "a.org {\n x {\n  p {\n   q 1\n  }\n  r\n }\n}", ["a.org { x { p { q 1 }; r } }"]],
    ["empty braces", "a.org {\n x {\n }\n y {\n}\n}", ["a.org { x {}; y {} }"]],
    ["one directive twice", "a.org {\n x 1\n x 2\n}", ["a.org { x 1; x 2 }"]],
    // to Caddy the closing brace of a line that goes on is an argument, and setups then complain
    ["braces on one line", "a.org {\n x { p 1 }\n}", ["a.org { x { p 1 } } }"]],
    ["quotes", 'a.org {\n x "a b" "c \\" d"\n}', ['a.org { x a b c " d }']],
    ["a quoted line break does not end the line", 'a.org {\n x "a\nb" c\n}', ["a.org { x a\nb c }"]],
    ["comments", "# head\na.org { # here\n x # there\n # x\n}", ["a.org { x }"]],
    ["variables", "{$ZONE} {\n x {%TTL%} a{$TTL}b {$NONE}c\n}", ["example.org { x 30 a30b c }"]],
    ["a variable is one word", "a.org {\n x {$WORDS}\n}", ["a.org { x a b }"]],
    ["an empty name is none", "{$EMPTY} a.org {\n}", ["a.org {  }"]],
    ["a snippet", "(s) {\n log\n x {\n  p\n }\n}\na.org {\n errors\n import s\n y\n}", ["a.org { errors; log; x { p }; y }"]],
    ["a snippet twice", "(s) {\n log\n}\na.org {\n import s\n}\nb.org {\n import s\n}", ["a.org { log }", "b.org { log }"]],
    ["a snippet inside of braces", "(s) {\n p 1\n}\na.org {\n x {\n  import s\n  q\n }\n}", ["a.org { x { p 1; q } }"]],
    ["a snippet in a snippet", "(s) {\n p\n}\n(t) {\n import s\n q\n}\na.org {\n import t\n}", ["a.org { p; q }"]],
    ["a snippet with names", "(s) {\n a.org b.org\n}\nimport s\n{\n x\n}", ["a.org b.org { x }"]],
    ["a snippet by a variable", "(TTL30) {\n p\n}\na.org {\n import TTL{$TTL}\n}", ["a.org { p }"]],
  ])("%s", (_, text, expected) => expect(read(text)).toEqual(expected));

  it("knows the lines of blocks and directives", () => {
    const [block] = parseCorefile("\n\na.org {\n\n  x {\n    p\n  }\n}");
    expect([block.line, block.directives[0].line, block.directives[0].block?.[0].line]).toEqual([3, 5, 6]);
  });
});

describe("#6.4 Corefile: networks are their reverse zones, as CoreDNS makes them", () => {
  it.each([
    ["10.0.0.0/24", "0.0.10.in-addr.arpa"],
    ["10.0.0.7/24", "0.0.10.in-addr.arpa"],
    ["10.0.0.0/8:53", "10.in-addr.arpa"],
    ["10.0.0.1/32", "1.0.0.10.in-addr.arpa"],
    ["0.0.0.0/0", "in-addr.arpa"],
    ["10.96.0.0/14", "96.10.in-addr.arpa 97.10.in-addr.arpa 98.10.in-addr.arpa 99.10.in-addr.arpa"],
    ["192.168.1.250/30", "248.1.168.192.in-addr.arpa 249.1.168.192.in-addr.arpa 250.1.168.192.in-addr.arpa 251.1.168.192.in-addr.arpa"],
    ["2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"],
    ["2001:db8::/31", "8.b.d.0.1.0.0.2.ip6.arpa 9.b.d.0.1.0.0.2.ip6.arpa"],
    ["fd00::/16", "0.0.d.f.ip6.arpa"],
    // no networks: names like any other
    ["10.0.0.0/33", "10.0.0.0/33"],
    ["10.0.0/24", "10.0.0/24"],
    ["a.org/24", "a.org/24"],
  ])("%s", (network, zones) => expect(parseCorefile(`${network} {\n}`)[0].zones.join(" ")).toBe(zones));

  it("in their place among the others", () => {
    expect(parseCorefile("a.org 10.0.0.0/15 b.org {\n}")[0].zones).toEqual(["a.org", "0.10.in-addr.arpa", "1.10.in-addr.arpa", "b.org"]);
  });
});

describe("#6.4 Corefile: what is wrong, and where", () => {
  it.each([
    [". {\n log", "Corefile:2: Syntax error: Unexpected token 'log', expecting '}'"],
    [". {\n log {\n", "Corefile:2: Unexpected EOF"],
    [". {\n log }\n", "Corefile:2: Unexpected '}' because no matching opening brace"],
    [". {\n log {\n } x\n}", "Corefile:3: Unexpected token 'x' after '}'"],
    [". {\n log\n {\n }\n}", "Corefile:3: Unexpected token '{' after 'log'"],
    ["a.org, {\n}", "Corefile:1: Expected another address but had '{' - check for extra comma"],
    ["a.org,", "Corefile:1: Unexpected EOF"],
    ["(s) {\n log\n}\n(s) {\n}", "Corefile:4: redeclaration of previously declared snippet s"],
    ["(s) {\n log\n", "Corefile:2: Syntax error: Unexpected token 'log', expecting '}'"],
    ["(s)\nlog", "Corefile:2: Syntax error: Unexpected token 'log', expecting '{'"],
    ["(s) {\n import s\n}", "Corefile:2: maximum snippet import depth (10000) exceeded"],
    ["(s) {\n import t\n}\n(t) {\n import s\n}\n. {\n import s\n}", "Corefile:5: maximum snippet import depth (10000) exceeded"],
    [". {\n import\n}", "Corefile:2: Wrong argument count or unexpected line ending after 'import'"],
    [". {\n import {$EMPTY}\n}", "Corefile:2: Import requires a non-empty filepath"],
    [". {\n import a b\n}", "Corefile:2: Import takes only one argument (glob pattern or file)"],
    ["(s) {\n a.org\n}\nimport s {\n}", "Corefile:4: Import takes only one argument (glob pattern or file)"],
    [". {\n log\n import ../*.conf\n}", "Corefile:3: File to import not found: ../*.conf: there is no snippet '(../*.conf)', and files are not imported here"],
    ["\n.:1053 {\n}", "Corefile:2: .:1053: port 1053 is not supported: 53 stands for the port of the responder, whatever that is"],
    ["tls://. {\n}", "Corefile:1: tls://.: transport tls is not supported, only dns"],
    ["a.org,\nhttps://b.org {\n}", "Corefile:2: https://b.org: transport https is not supported, only dns"],
    ["a.org: {\n}", 'Corefile:1: expecting data after last colon: "a.org:"'],
    ["a..org {\n}", "Corefile:1: zone is not a valid domain name: a..org"],
    [".a.org {\n}", "Corefile:1: zone is not a valid domain name: .a.org"],
    [":53 {\n}", "Corefile:1: zone is not a valid domain name: "],
    [`${"a".repeat(64)}.org {\n}`, `Corefile:1: zone is not a valid domain name: ${"a".repeat(64)}.org`],
    [`${"a.".repeat(128)} {\n}`, "Corefile:1: specified zone is too long: 256 > 255"],
    ["::/64 {\n}", "Corefile:1: invalid CIDR ::/64"],
    ["a.org {\n}\nb.org A.org. {\n}", "Corefile:3: cannot serve dns://a.org.:53 - it is already defined"],
    [". . {\n}", "Corefile:1: cannot serve dns://.:53 - it is already defined"],
    ["10.0.0.0/8 {\n}\n10.in-addr.arpa {\n}", "Corefile:3: cannot serve dns://10.in-addr.arpa.:53 - it is already defined"],
  ])("%j", (text, message) => expect(failure(text)).toBe(message));

  it("names the file", () => {
    expect(() => parseCorefile("tls://. {\n}", { file: "dns/Corefile" })).toThrow("dns/Corefile:1: ");
  });
});

describe("#6.4 Corefile: those that clusters come with", () => {
  it.each(Object.entries(DEFAULTS))("%s", (_, { text, blocks }) => {
    expect(parseCorefile(text).map((b) => `${b.zones.map((z) => z || ".").join(" ")}: ${b.directives.map((d) => d.name).join(" ")}`)).toEqual(blocks);
  });
});
