import { gzip } from "node:zlib";

/** Answers larger than this are compressed for who asks. Source: responsewriters defaultGzipThresholdBytes. */
export const GZIP_THRESHOLD = 128 * 1024;

/** Whether a client accepts gzip: the bare word among its encodings, as upstream looks for it (a weight behind it counts as another word). */
export const acceptsGzip = (header: string | string[] | undefined): boolean =>
  String(header ?? "")
    .split(",")
    .some((token) => token.trim() === "gzip");

/** Level 1, as upstream: what costs least. In Node's pool of threads, in one go: the event loop serves others meanwhile. */
export const compress = (bytes: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    gzip(bytes, { level: 1, chunkSize: Math.max(64 * 1024, bytes.length >> 2) }, (error, packed) => (error ? reject(error) : resolve(packed))),
  );
