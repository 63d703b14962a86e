import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Certificates, makeCertificates } from "../server/auth/ca.js";

/** What makes a cluster this cluster to its clients; kept in the state folder, so that a kubeconfig outlives a restart. */
export interface Credentials {
  readonly certificates: Certificates;
  /** The admin's bearer token. */
  readonly token: string;
}

const FILE = "credentials.json";
const NAMES = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"];
const ADDRESSES = ["127.0.0.1", "::1", "10.96.0.1"];

/** Reads a state folder's credentials, or makes and keeps new ones. Without a folder they live as long as the process. */
export async function loadCredentials(folder: string | undefined, host: string, now: number): Promise<Credentials> {
  const file = folder && path.join(folder, FILE);
  if (file) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) return JSON.parse(text) as Credentials;
  }
  const extra = ADDRESSES.includes(host) || !/^[\d.:a-f]+$/.test(host) || host === "0.0.0.0" || host === "::" ? [] : [host];
  const certificates = await makeCertificates(NAMES, [...ADDRESSES, ...extra], now);
  const credentials = { certificates, token: randomBytes(24).toString("base64url") };
  if (file) {
    await mkdir(path.dirname(file), { recursive: true });
    // whole or not at all: a crash in between must not leave half a file
    await writeFile(`${file}.new`, JSON.stringify(credentials), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return credentials;
}
