/** A body that cannot be decoded. The message is upstream's, complete: the layer above only wraps it in a Status. */
export class DecodeError extends Error {
  override name = "DecodeError";
}
