/**
 * A unified diff as upstream prints it in error messages: Ratcliff-Obershelp matching with the "popular line" rule (a line that makes up more than
 * 1% of at least 200 is no anchor), three lines of context, no file header. The rule decides which lines show, so it is part of the message.
 */

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}
type OpTag = "equal" | "replace" | "delete" | "insert";
type OpCode = readonly [tag: OpTag, i1: number, i2: number, j1: number, j2: number];

/** Line → its positions in `b`, popular lines left out. */
function anchors(b: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (const [j, line] of b.entries()) {
    const list = positions.get(line);
    if (list) list.push(j);
    else positions.set(line, [j]);
  }
  if (b.length >= 200) {
    const limit = Math.floor(b.length / 100) + 1;
    for (const [line, list] of positions) if (list.length > limit) positions.delete(line);
  }
  return positions;
}

function longestMatch(a: readonly string[], b: readonly string[], at: Map<string, number[]>, alo: number, ahi: number, blo: number, bhi: number): Match {
  let [bestA, bestB, size] = [alo, blo, 0];
  let lengths = new Map<number, number>();
  for (let i = alo; i < ahi; i++) {
    const next = new Map<number, number>();
    for (const j of at.get(a[i] as string) ?? []) {
      if (j < blo) continue;
      if (j >= bhi) break;
      const k = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, k);
      if (k > size) [bestA, bestB, size] = [i - k + 1, j - k + 1, k];
    }
    lengths = next;
  }
  // Popular lines are no anchors, but a match grows over them.
  while (bestA > alo && bestB > blo && a[bestA - 1] === b[bestB - 1]) {
    bestA--;
    bestB--;
    size++;
  }
  while (bestA + size < ahi && bestB + size < bhi && a[bestA + size] === b[bestB + size]) size++;
  return { a: bestA, b: bestB, size };
}

function opCodes(a: readonly string[], b: readonly string[]): OpCode[] {
  const at = anchors(b);
  const matches: Match[] = [];
  const collect = (alo: number, ahi: number, blo: number, bhi: number): void => {
    const m = longestMatch(a, b, at, alo, ahi, blo, bhi);
    if (m.size === 0) return;
    if (alo < m.a && blo < m.b) collect(alo, m.a, blo, m.b);
    matches.push(m);
    if (m.a + m.size < ahi && m.b + m.size < bhi) collect(m.a + m.size, ahi, m.b + m.size, bhi);
  };
  collect(0, a.length, 0, b.length);
  // Adjacent blocks are one; the sentinel flushes what is left.
  const merged: Match[] = [];
  for (const m of matches) {
    const last = merged[merged.length - 1];
    if (last && last.a + last.size === m.a && last.b + last.size === m.b) merged[merged.length - 1] = { ...last, size: last.size + m.size };
    else merged.push(m);
  }
  merged.push({ a: a.length, b: b.length, size: 0 });
  const codes: OpCode[] = [];
  let [i, j] = [0, 0];
  for (const m of merged) {
    if (i < m.a && j < m.b) codes.push(["replace", i, m.a, j, m.b]);
    else if (i < m.a) codes.push(["delete", i, m.a, j, m.b]);
    else if (j < m.b) codes.push(["insert", i, m.a, j, m.b]);
    if (m.size > 0) codes.push(["equal", m.a, m.a + m.size, m.b, m.b + m.size]);
    [i, j] = [m.a + m.size, m.b + m.size];
  }
  return codes;
}

/** Change groups, each with `n` lines of equal text around; long equal runs split groups. */
function grouped(codes: OpCode[], n: number): OpCode[][] {
  const first = codes[0];
  if (first?.[0] === "equal") codes[0] = ["equal", Math.max(first[1], first[2] - n), first[2], Math.max(first[3], first[4] - n), first[4]];
  const last = codes[codes.length - 1];
  if (last?.[0] === "equal") codes[codes.length - 1] = ["equal", last[1], Math.min(last[2], last[1] + n), last[3], Math.min(last[4], last[3] + n)];
  const groups: OpCode[][] = [];
  let group: OpCode[] = [];
  for (const [tag, i1, i2, j1, j2] of codes) {
    if (tag === "equal" && i2 - i1 > n + n) {
      group.push([tag, i1, Math.min(i2, i1 + n), j1, Math.min(j2, j1 + n)]);
      groups.push(group);
      group = [[tag, Math.max(i1, i2 - n), i2, Math.max(j1, j2 - n), j2]];
    } else group.push([tag, i1, i2, j1, j2]);
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.[0] === "equal")) groups.push(group);
  return groups;
}

function range(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** Both texts split at line ends; the result ends in a line end, and is empty when they are equal. */
export function unifiedDiff(from: string, to: string, context = 3): string {
  const a = from.split("\n");
  const b = to.split("\n");
  let out = "";
  for (const group of grouped(opCodes(a, b), context)) {
    const first = group[0] as OpCode;
    const last = group[group.length - 1] as OpCode;
    out += `@@ -${range(first[1], last[2])} +${range(first[3], last[4])} @@\n`;
    for (const [tag, i1, i2, j1, j2] of group) {
      if (tag === "equal") for (const line of a.slice(i1, i2)) out += ` ${line}\n`;
      if (tag === "replace" || tag === "delete") for (const line of a.slice(i1, i2)) out += `-${line}\n`;
      if (tag === "replace" || tag === "insert") for (const line of b.slice(j1, j2)) out += `+${line}\n`;
    }
  }
  return out;
}
