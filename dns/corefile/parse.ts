import { CorefileError, type Directive, type ServerBlock } from "./directive.js";
import { lex, type Token } from "./lexer.js";
import { splitHostPort, splitTransport, zoneOf } from "./zones.js";

export interface ParseOptions {
  /** As errors name it. */
  readonly file?: string;
  /** What `{$NAME}` and `{%NAME%}` stand for; the process's environment by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const MAX_IMPORTS = 10_000;
const DNS_PORT = 53;

const breaks = (token: Token): number => token.text.split("\n").length - 1;
const sameLine = (a: Token, b: Token): boolean => a.line + breaks(a) === b.line;
const newLine = (a: Token | undefined, b: Token): boolean => a === undefined || a.line + breaks(a) < b.line;

/** The grammar of Caddy's parser: which words belong to which block and which directive. Source: Caddy caddyfile/parse.go and dispenser.go. */
class Parser {
  readonly #tokens: Token[];
  readonly #options: Required<ParseOptions>;
  readonly #snippets = new Map<string, readonly Token[]>();
  #at = 0;
  #imports = 0;

  constructor(text: string, options: Required<ParseOptions>) {
    this.#tokens = lex(text);
    this.#options = options;
  }

  error(line: number, reason: string): CorefileError {
    return new CorefileError(line, reason, this.#options.file);
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #fail(reason: string, token = this.#token ?? this.#tokens.at(-1)): never {
    throw this.error(token?.line ?? 1, reason);
  }

  /** Values are put in once: what a value has in it that looks like another variable stays as it is. */
  #expand(text: string): string {
    const value = (_: string, name: string): string => this.#options.env[name] ?? "";
    return text.replace(/\{%(.+?)%\}/gs, value).replace(/\{\$(.+?)\}/gs, value);
  }

  /** Puts a snippet's words in the place of `import NAME`, where the parser then stands. */
  #import(): void {
    const [keyword, name, more] = this.#tokens.slice(this.#at, this.#at + 3);
    if (!name || !sameLine(keyword, name)) this.#fail("Wrong argument count or unexpected line ending after 'import'");
    const snippet = this.#expand(name.text);
    if (snippet === "") this.#fail("Import requires a non-empty filepath");
    if (more && sameLine(name, more)) this.#fail("Import takes only one argument (glob pattern or file)");
    const tokens = this.#snippets.get(snippet);
    if (!tokens) this.#fail(`File to import not found: ${snippet}: there is no snippet '(${snippet})', and files are not imported here`);
    if (this.#imports++ >= MAX_IMPORTS) this.#fail(`maximum snippet import depth (${MAX_IMPORTS}) exceeded`);
    this.#tokens.splice(this.#at, 2, ...tokens);
  }

  /** The names before a block. */
  #keys(): Token[] {
    const keys: Token[] = [];
    for (let another = false; ; ) {
      const token = this.#token;
      if (!token) {
        if (another) this.#fail("Unexpected EOF");
        return keys;
      }
      const previous = this.#tokens[this.#at - 1];
      let text = this.#expand(token.text);
      if (text === "import" && newLine(previous, token)) {
        this.#import();
        continue;
      }
      if (text === "{") {
        if (another) this.#fail("Expected another address but had '{' - check for extra comma");
        return keys;
      }
      if (text !== "") {
        another = text.endsWith(",");
        if (another) text = text.slice(0, -1);
        keys.push({ text, line: token.line });
      }
      this.#at++;
      if (!another && this.#token && newLine(token, this.#token)) return keys;
    }
  }

  /** The words up to the brace that closes the one the parser stands on. */
  #snippet(): Token[] {
    if (this.#token?.text !== "{") this.#fail(`Syntax error: Unexpected token '${this.#token?.text ?? ""}', expecting '{'`);
    const from = ++this.#at;
    for (let depth = 1; ; this.#at++) {
      const text = this.#token?.text;
      if (text === undefined) this.#fail(`Syntax error: Unexpected token '${this.#tokens.at(-1)?.text}', expecting '}'`);
      if (text === "{") depth++;
      else if (text === "}" && --depth === 0) return this.#tokens.slice(from, this.#at++);
    }
  }

  #define(name: string): void {
    if (this.#snippets.has(name)) this.#fail(`redeclaration of previously declared snippet ${name}`);
    const tokens = this.#snippet();
    const imports = (t: Token, i: number): boolean => t.text === "import" && newLine(tokens[i - 1], t) && tokens[i + 1]?.text === name;
    if (tokens.some(imports)) this.#fail(`maximum snippet import depth (${MAX_IMPORTS}) exceeded`, tokens[0]);
    this.#snippets.set(name, tokens);
  }

  /** The words of one directive, from where the parser stands: to the end of its line, or of its braces. */
  #directive(): Token[] {
    const first = this.#tokens[this.#at++];
    const words: Token[] = [{ text: this.#expand(first.text), line: first.line }];
    for (let depth = 0; ; ) {
      const token = this.#token;
      if (!token) {
        if (depth > 0) this.#fail("Unexpected EOF");
        return words;
      }
      const fresh = newLine(this.#tokens[this.#at - 1], token);
      if (token.text === "{") depth++;
      else if (fresh && depth === 0) return words;
      else if (token.text === "}") {
        if (depth-- === 0) this.#fail("Unexpected '}' because no matching opening brace");
      } else if (fresh && token.text === "import") {
        this.#import();
        continue;
      }
      words.push({ text: this.#expand(token.text), line: token.line });
      this.#at++;
    }
  }

  /** Makes lines and braces of the words of a directive. */
  #structure(words: readonly Token[]): Directive {
    let at = 0;
    const line = (): Directive => {
      const first = words[at++];
      const args: string[] = [];
      const goesOn = (): boolean => at < words.length && sameLine(words[at - 1], words[at]);
      while (goesOn() && words[at].text !== "{") args.push(words[at++].text);
      if (!goesOn()) return { name: first.text, args, line: first.line, block: undefined };
      const block: Directive[] = [];
      for (at++; at < words.length && words[at].text !== "}"; ) block.push(line());
      at++;
      return { name: first.text, args, line: first.line, block };
    };
    const directive = line();
    if (at < words.length) this.#fail(`Unexpected token '${words[at].text}' after '${words[at - 1].text}'`, words[at]);
    return directive;
  }

  /** The next block, or undefined after a snippet. */
  #block(): { readonly keys: readonly Token[]; readonly directives: readonly Directive[] } | undefined {
    const keys = this.#keys();
    if (keys.length === 1 && /^\(.*\)$/s.test(keys[0].text) && this.#token) {
      this.#define(keys[0].text.slice(1, -1));
      return undefined;
    }
    const directives: Directive[] = [];
    // one block alone needs no braces: then it reaches to the end
    const braces = this.#token?.text === "{";
    if (braces) this.#at++;
    for (;;) {
      const token = this.#token;
      if (!token) {
        if (braces) this.#fail(`Syntax error: Unexpected token '${this.#tokens.at(-1)?.text}', expecting '}'`);
        return { keys, directives };
      }
      if (token.text === "}") {
        this.#at++;
        return { keys, directives };
      }
      if (token.text === "import") this.#import();
      else directives.push(this.#structure(this.#directive()));
    }
  }

  parse(): ServerBlock[] {
    const blocks: ServerBlock[] = [];
    const taken = new Set<string>();
    while (this.#token) {
      const block = this.#block();
      // braces without a name before them are no block
      if (!block || block.keys.length === 0) continue;
      const zones = block.keys.flatMap((key) => this.#zones(key));
      for (const zone of zones) {
        if (taken.has(zone)) throw this.error(block.keys[0].line, `cannot serve dns://${zone}.:${DNS_PORT} - it is already defined`);
        taken.add(zone);
      }
      blocks.push({ zones, line: block.keys[0].line, directives: block.directives });
    }
    return blocks;
  }

  /** Source: CoreDNS core/dnsserver/register.go InspectServerBlocks. */
  #zones({ text, line }: Token): readonly string[] {
    const { transport, rest } = splitTransport(text);
    if (transport !== "dns") throw this.error(line, `${text}: transport ${transport} is not supported, only dns`);
    try {
      const { hosts, port = DNS_PORT } = splitHostPort(rest);
      // the port is an option of the responder: 53 is whichever that is
      if (port !== DNS_PORT) throw new Error(`${text}: port ${port} is not supported: 53 stands for the port of the responder, whatever that is`);
      return hosts.map(zoneOf);
    } catch (error) {
      throw this.error(line, (error as Error).message);
    }
  }
}

/** Reads a Corefile: its server blocks in order, snippets put where they are imported. Throws a CorefileError. */
export function parseCorefile(text: string, { file = "Corefile", env = process.env }: ParseOptions = {}): ServerBlock[] {
  return new Parser(text, { file, env }).parse();
}
