import { createHash } from "node:crypto";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * An image's name as a container runtime reports it: registry, repository and tag filled in (`nginx` → `docker.io/library/nginx:latest`).
 * Source: distribution's reference.ParseDockerRef, as containerd applies it.
 */
export function canonicalImage(image: string): string {
  const [name, digest] = splitOnce(image, "@");
  const slash = name.indexOf("/");
  const host = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(host) || host === "localhost";
  const full = hasRegistry ? name : `docker.io/${slash < 0 ? "library/" : ""}${name}`;
  if (digest !== undefined) return `${full.replace(/:[^/:]*$/, "")}@${digest}`;
  return tagOf(full) === undefined ? `${full}:latest` : full;
}

/** The reference a runtime resolves an image to; made up, but always the same for the same name. */
export function imageID(image: string): string {
  const full = canonicalImage(image);
  const [name, digest] = splitOnce(full, "@");
  if (digest !== undefined) return full;
  return `${name.replace(/:[^/:]*$/, "")}@sha256:${sha256(full)}`;
}

/** Bytes of a made-up image size: 4 to 120 MB, the same for the same name. */
export const imageSize = (image: string): number => 4_000_000 + (Number.parseInt(sha256(`size/${canonicalImage(image)}`).slice(0, 12), 16) % 116_000_000);

/** `containerd://` and 64 hex digits, distinct per pod, container and attempt. */
export const containerID = (podUID: string, container: string, attempt: number): string => `containerd://${sha256(`${podUID}/${container}/${attempt}`)}`;

/** Whether Kubernetes would pull the image every time when the pod says nothing: no tag, or `latest`. */
export function pullsAlways(image: string, policy: string | undefined): boolean {
  if (policy) return policy === "Always";
  return !image.includes("@") && (tagOf(image) ?? "latest") === "latest";
}

function tagOf(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf("/") + 1);
  const colon = last.indexOf(":");
  return colon < 0 ? undefined : last.slice(colon + 1);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const NAME = new RegExp(
  `^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** What is wrong with an image's name, as a kubelet says it; undefined when nothing is. Source: parsers.ParseImageName, distribution's reference.ParseNormalizedNamed. */
export function nameFault(image: string): string | undefined {
  if (NAME.test(image)) return undefined;
  const [name] = splitOnce(image, "@");
  const slash = name.indexOf("/");
  const host = slash < 0 ? "" : name.slice(0, slash);
  const remote = /[.:]/.test(host) || host === "localhost" || host.toLowerCase() !== host ? name.slice(slash + 1) : slash < 0 ? `library/${name}` : name;
  const repository = remote.replace(/:[^/:]*$/, "");
  const why = NAME.test(image.toLowerCase()) && repository.toLowerCase() !== repository ? `: repository name (${repository}) must be lowercase` : "";
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${why}`;
}
