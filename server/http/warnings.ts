import type { FastifyReply } from "fastify";

/** From here on in all, and each then, in characters. Source: filters.WithWarningRecorder. */
const TRUNCATE_TOTAL = 4096;
const TRUNCATE_ITEM = 256;

const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** A warning as RFC 7234 has it, in bytes; undefined for a text that no header may hold. Source: net.NewWarningHeader. */
function headerOf(text: string): string | undefined {
  if (CONTROL.test(text) || LONE_SURROGATE.test(text)) return undefined;
  // header values are bytes to Node's HTTP: UTF-8 goes through as what it is
  return Buffer.from(`299 - "${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`).toString("latin1");
}

/** The `Warning` headers of one answer: each text once, none that a header cannot hold, cut short when they are too much in all. */
export class Warnings {
  private readonly texts: string[] = [];
  private written = 0;
  private truncating = false;
  constructor(private readonly reply: FastifyReply) {}

  add(text: string): void {
    if (text === "" || this.texts.includes(text) || (this.truncating && this.written >= TRUNCATE_TOTAL)) return;
    this.texts.push(text);
    const runes = [...text].length;
    if (!this.truncating && this.written + runes > TRUNCATE_TOTAL) {
      // what was said at length before is said again in short
      this.truncating = true;
      this.written = 0;
      this.reply.removeHeader("warning");
      for (const earlier of this.texts) this.write(earlier);
    } else this.write(text);
  }

  private write(text: string): void {
    const runes = [...text];
    const shown = this.truncating && runes.length > TRUNCATE_ITEM ? runes.slice(0, TRUNCATE_ITEM) : runes;
    const header = headerOf(shown.join(""));
    if (header === undefined) return;
    this.written += shown.length;
    const before = this.reply.getHeader("warning");
    this.reply.header("warning", before === undefined ? header : [before, header].flat());
  }
}
