import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { Sink } from "../../server/codec/protobuf/sink.js";

type Writer = Sink | BinaryWriter;

/** A text in a message in a message, with something after it. */
function nested<W extends Writer>(writer: W, text: string): W {
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(3, WireType.LengthDelimited).string(text);
  writer.join().join();
  writer.tag(4, WireType.Varint).int64(-5);
  return writer;
}

const library = (text: string): Buffer => Buffer.from(nested(new BinaryWriter(), text).finish());

describe("#4.4 the buffer that messages are written into", () => {
  // whatever the buffer holds when it grows must be there afterwards: also what a message's length, longer than the byte that was left for it, pushes aside
  it.each([
    ["the first buffer ends", 16 * 1024],
    ["the second ends", 32 * 1024],
    ["a message is as long as the buffer that was made for it", 200_000],
    ["lengths take four bytes", 0x20_0000],
  ])("writes what the library writes where %s", (_what, size) => {
    for (let length = size - 24; length <= size + 4; length++) {
      const text = "x".repeat(length);
      expect(nested(new Sink(), text).finish().equals(library(text)), `${length}`).toBe(true);
    }
  });

  it("writes text of any script, short and long, the same", () => {
    const sink = new Sink();
    for (const script of ["a", "é", "日", "🜁", "aé日🜁", "\ud800"])
      for (let count = 0; count < 140; count++) {
        const text = script.repeat(count);
        expect(nested(sink.reset(), text).finish().equals(library(text)), `${script} ${count}`).toBe(true);
      }
  });

  it.each([0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 31), -(2 ** 53)])("writes the number %s the same", (value) => {
    const bytes = (writer: Writer) => Buffer.from(writer.tag(1, WireType.Varint).int64(value).finish()).toString("hex");
    expect(bytes(new Sink())).toBe(bytes(new BinaryWriter()));
  });

  it("begins anew after a message that failed", () => {
    const sink = new Sink();
    sink.tag(1, WireType.LengthDelimited).fork().string("left over");
    expect(nested(sink.reset(), "text").finish().equals(library("text"))).toBe(true);
  });
});
