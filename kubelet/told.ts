import type { KubeObject } from "../kinds/object.js";
import { type Behaviour, type Pull, type Run, steady } from "./behaviour.js";
import { UNITS } from "./command.js";
import { canonicalImage } from "./identity.js";
import type { Container } from "./runtime.js";

/** What pods are told by, in annotations: for all of its containers (`exit` and `oom`: main ones, `evict`: the pod itself), or with `.<container>` behind for one. examples/failures/README.md has one example of each. */
const ANNOTATION = "simulate.mockube.dev/";

/** Image names that say themselves that there is no such image: a word of the name or the tag. */
const MISSING = /does-?not-?exist|non-?existent|no-such|not-?found/;

/** What an annotation says of a container; what is said of it alone comes first. */
const said = ({ metadata: { annotations } }: KubeObject, { name }: Container, what: string): string | undefined =>
  // asked at every step of every pod, and most have none
  annotations && (annotations[`${ANNOTATION}${what}.${name}`] ?? annotations[`${ANNOTATION}${what}`]);

const saidAlone = ({ metadata: { annotations } }: KubeObject, { name }: Container, what: string): string | undefined =>
  annotations?.[`${ANNOTATION}${what}.${name}`];

/** Seconds of a time or, for `never`, all of them. */
const untilOf = (text: string | undefined): number | undefined => (text?.trim() === "never" ? Number.POSITIVE_INFINITY : secondsOf(text));

/** Seconds of `90`, `90s`, `5m` or `1h`; undefined where it is none of these. */
function secondsOf(text = ""): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit];
}

/** `1` or `1 after 30s`: an exit code, and how long the container runs before. */
export function exitOf(text = ""): Run | undefined {
  const [, code, after = "0"] = /^\s*(\d{1,3})(?:\s+after\s+(\S+))?\s*$/.exec(text) ?? [];
  const seconds = secondsOf(after);
  return code === undefined || Number(code) > 255 || seconds === undefined ? undefined : { exitCode: Number(code), seconds };
}

/** containerd's answer for what its registry does not have. Source: its pull of an image, as the CRI hands it on. */
const notFound = (image: string): string =>
  `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

/**
 * Behaves as the pod is told to, and else steadily: annotations, and images whose names say that they are missing. What cannot be
 * read tells nothing.
 */
export const told: Behaviour = {
  ...steady,
  pull(pod, container): Pull {
    const message = said(pod, container, "pull-error");
    const { image = "" } = container;
    if (message || MISSING.test(image)) {
      // Source: image_manager.go EnsureImageExists
      if (container.imagePullPolicy === "Never")
        return { ok: false, reason: "ErrImageNeverPull", message: `Container image "${image}" is not present with pull policy of Never` };
      return { ok: false, message: message ?? notFound(canonicalImage(image)) };
    }
    return steady.pull(pod, container);
  },
  run(pod, container, role): Run | undefined {
    const heard = role === "main" ? said : saidAlone;
    const after = secondsOf(heard(pod, container, "oom"));
    if (after !== undefined) return { exitCode: 137, seconds: after, reason: "OOMKilled" };
    return exitOf(heard(pod, container, "exit")) ?? steady.run?.(pod, container, role);
  },
  readyAfter: (pod, container) => untilOf(said(pod, container, "ready")) ?? 0,
  failing(pod, container, probe) {
    if (probe === "liveness") {
      const from = secondsOf(said(pod, container, "live"));
      return from === undefined ? undefined : { from, until: Number.POSITIVE_INFINITY };
    }
    const until = untilOf(said(pod, container, probe === "startup" ? "startup" : "ready"));
    return until ? { from: 0, until } : undefined;
  },
  evictedAfter: ({ metadata: { annotations } }) => annotations && secondsOf(annotations[`${ANNOTATION}evict`]),
  stopCode(pod, container): number | undefined {
    const text = said(pod, container, "stop");
    return text?.trim() === "ignored" ? undefined : (exitOf(text)?.exitCode ?? steady.stopCode(pod, container));
  },
};
