/** A fenced block: the words after the fence, and the lines in it. */
export interface Block {
  readonly info: string;
  readonly lines: readonly string[];
}

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => ({ info, lines: body.replace(/\n$/, "").split("\n") }));
}

/** The text of the block that is marked so: `sh start`. */
export const marked = (markdown: string, info: string): string | undefined =>
  blocksOf(markdown)
    .find((b) => b.info === info)
    ?.lines.join("\n");

export interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of all console blocks, in order, each with the output below it. */
export function stepsOf(markdown: string): Step[] {
  const steps: { command: string; output: string[] }[] = [];
  for (const block of blocksOf(markdown).filter((b) => b.info === "console"))
    for (const line of block.lines) {
      if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: [] });
      else steps[steps.length - 1].output.push(line);
    }
  return steps;
}

/** What differs from run to run, each by a name: ages, uids, addresses, random ends of names; runs of spaces count as one. */
export const normal = (line: string): string =>
  line
    .replace(/\bpvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "pvc-UID")
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, "IP")
    .replace(/\b(\w+-[0-9a-z]{6,10})-[0-9a-z]{5}\b/g, "$1-XXXXX")
    .replace(/\b(\d+m)?\d+s\b/g, "AGE")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replace(/\d\.\d\d s\b/g, "TIME")
    .replace(/\b(\d+ min )?\d+ s\b/g, "SPAN")
    .replace(/\S+\/\.mockube/g, "HOME/.mockube")
    // newer kubectls say where a deleted object was
    .replace(/ deleted from \S+ namespace$/, " deleted")
    .replace(/ +/g, " ")
    .trimEnd();
