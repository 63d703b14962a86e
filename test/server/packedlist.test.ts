import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gzipOf, packedPart, storedPart } from "../../server/http/gzipparts.js";
import { isLonger, joinList, type ListParts, packList } from "../../server/http/packedlist.js";
import type { Entry } from "../../storage/store.js";

describe("#4.2 gzip out of parts", () => {
  it("is one member that says what its parts say, one after the other", async () => {
    const texts = ["head", "", "a".repeat(100_000), "\u{1f600}é", JSON.stringify({ some: "json" }).repeat(5000)].map((text) => Buffer.from(text));
    const parts = await Promise.all(texts.map(packedPart));
    const stream = gzipOf([storedPart(Buffer.from("first")), ...parts, storedPart(Buffer.from("last"), true)]);
    // gunzip checks length and CRC, and would stop at the end of a first member
    expect(gunzipSync(stream).toString()).toBe(`first${Buffer.concat(texts)}last`);
    expect(stream.indexOf(Buffer.from([0x1f, 0x8b, 8]), 1)).toBe(-1);
  });
  it("may hold nothing", () => expect(gunzipSync(gzipOf([storedPart(Buffer.alloc(0), true)]))).toHaveLength(0));
});

describe("#4.2 long lists, compressed", () => {
  const entry = (i: number, revision = i): Entry => ({
    key: `/registry/pods/default/web-${String(i).padStart(4, "0")}`,
    revision,
    created: i,
    bytes: Buffer.from(JSON.stringify({ metadata: { name: `web-${i}`, resourceVersion: String(revision) } })),
    memo: undefined,
  });
  const listOf = (entries: readonly Entry[], seen: Entry[] = [], separator = ","): ListParts => ({
    form: "json",
    head: Buffer.from('{"items":['),
    separator: Buffer.from(separator),
    tail: Buffer.from("]}\n"),
    entries,
    item(each) {
      seen.push(each);
      return each.bytes;
    },
  });
  const entries = Array.from({ length: 1000 }, (_, i) => entry(i));

  it.each([0, 1, 2, 63, 257, 1000])("%i items unpack to the list as it is", async (count) => {
    const list = listOf(entries.slice(0, count));
    expect(gunzipSync(await packList(list)).equals(joinList(list))).toBe(true);
  });
  it("with nothing between the items too", async () => {
    const fresh = Array.from({ length: 200 }, (_, i) => entry(i));
    const list = listOf(fresh, [], "");
    expect(gunzipSync(await packList(list)).equals(joinList(list))).toBe(true);
  });
  it("look again only at what lies beside a change", async () => {
    await packList(listOf(entries));
    const again: Entry[] = [];
    await packList(listOf(entries, again));
    expect(again).toEqual([]);
    const changed = entries.with(500, entry(500, 5000));
    const seen: Entry[] = [];
    const list = listOf(changed, seen);
    const packed = await packList(list);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThanOrEqual(256);
    expect(gunzipSync(packed).equals(joinList(list))).toBe(true);
    const fewer = changed.toSpliced(100, 1);
    const rest: Entry[] = [];
    expect(gunzipSync(await packList(listOf(fewer, rest))).equals(joinList(listOf(fewer)))).toBe(true);
    expect(rest.length).toBeLessThanOrEqual(512);
  });
  it("are measured no further than they must be", () => {
    const seen: Entry[] = [];
    expect(isLonger(listOf(entries, seen), 500)).toBe(true);
    expect(seen.length).toBeLessThan(20);
    expect(isLonger(listOf(entries), 1e6)).toBe(false);
  });
});
