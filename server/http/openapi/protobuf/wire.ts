/** A protobuf message being written, field by field. */
export class Writer {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;

  /** What has been written so far. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  string(field: number, value: string): void {
    const size = Buffer.byteLength(value, "utf8");
    this.varint(field * 8 + 2);
    this.varint(size);
    this.room(size);
    this.length += this.buffer.write(value, this.length, "utf8");
  }

  bool(field: number, value: boolean): void {
    this.varint(field * 8);
    this.varint(value ? 1 : 0);
  }

  /** A non-negative integer; sizes and counts are all there is in these documents. */
  int(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.room(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  message(field: number, value: Writer): void {
    const bytes = value.finish();
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    this.room(bytes.length);
    this.length += bytes.copy(this.buffer, this.length);
  }

  private varint(value: number): void {
    this.room(10);
    let rest = value;
    while (rest > 127) {
      this.buffer[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
  }

  private room(size: number): void {
    if (this.length + size <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
