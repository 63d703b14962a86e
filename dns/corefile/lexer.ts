/** A word of a Corefile. */
export interface Token {
  readonly text: string;
  /** The line it starts on, from 1. */
  readonly line: number;
}

const SPACE = /^\p{White_Space}$/u;

/**
 * The words of a Corefile. A word ends at white space; one that starts with a quote ends at the next quote, and a backslash stands for itself but before a
 * quote. `#` starts a comment wherever it stands outside of quotes, and the word before it goes on to its end of line or white space.
 * Source: Caddy caddyfile/lexer.go.
 */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let word: { text: string; readonly line: number } | undefined;
  let [quoted, escaped, comment] = [false, false, false];
  const end = (): void => {
    if (word) tokens.push(word);
    word = undefined;
    [quoted, escaped, comment] = [false, false, false];
  };
  for (const ch of text.replace(/^\u{feff}/u, "")) {
    if (quoted && word) {
      if (!escaped && ch === "\\") {
        escaped = true;
        continue;
      }
      if (!escaped && ch === '"') {
        end();
        continue;
      }
      if (ch === "\n") line++;
      word.text += escaped && ch !== '"' ? `\\${ch}` : ch;
      escaped = false;
    } else if (SPACE.test(ch)) {
      // a carriage return is not even a space
      if (ch === "\r") continue;
      if (ch === "\n") {
        line++;
        comment = false;
      }
      if (word) end();
    } else if (comment || ch === "#") {
      comment = true;
    } else if (!word) {
      quoted = ch === '"';
      word = { text: quoted ? "" : ch, line };
    } else {
      word.text += ch;
    }
  }
  // a quote that is never closed reaches to the end; with nothing in it, it is no word
  if (word?.text) end();
  return tokens;
}
