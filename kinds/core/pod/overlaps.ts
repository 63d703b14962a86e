/** Files of one volume that would overwrite each other. Source: pkg/api/pod/warnings.go warningsForOverlappingVirtualPaths. */
import { quote } from "../../field.js";
import type { Volume, VolumeProjection } from "../../schema/api/core.v1.js";

interface PathAndSource {
  readonly path: string;
  readonly source: string;
}

const show = ({ path, source }: PathAndSource): string => (source ? `${quote(path)} (${source})` : quote(path));
const trimmed = (path: string | undefined): string => (path ?? "").replace(/\/+$/, "");
const inside = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`);

/** "a with b" for each pair where one path is the other or lies below it. */
function overlaps(paths: readonly PathAndSource[]): string[] {
  const out: string[] = [];
  const seen: PathAndSource[] = [];
  for (const item of paths) {
    if (item.path !== "")
      for (const other of seen)
        if (other.path !== "" && (inside(other.path, item.path) || inside(item.path, other.path))) out.push(`${show(item)} with ${show(other)}`);
    seen.push(item);
  }
  return out;
}

const itemPaths = (items: readonly { path?: string }[] | undefined, source: string): PathAndSource[] =>
  (items ?? []).map((item) => ({ path: trimmed(item.path), source }));

function projectionPaths(source: VolumeProjection): PathAndSource[] {
  if (source.configMap?.items) return itemPaths(source.configMap.items, `ConfigMap ${quote(source.configMap.name ?? "")}`);
  if (source.secret?.items) return itemPaths(source.secret.items, `Secret ${quote(source.secret.name ?? "")}`);
  if (source.downwardAPI?.items) return itemPaths(source.downwardAPI.items, "DownwardAPI");
  return source.serviceAccountToken ? [{ path: trimmed(source.serviceAccountToken.path), source: "ServiceAccountToken" }] : [];
}

const isEmpty = (source: VolumeProjection): boolean => Object.values(source).every((v) => v === undefined || v === null);

export function overlappingPathWarnings(volumes: readonly Volume[] | undefined): string[] {
  return (volumes ?? []).flatMap((v) => {
    const warn = (what: string, bodies: readonly string[]): string[] =>
      bodies.map((body) => `volume ${quote(v.name ?? "")} (${what}): overlapping paths: ${body}`);
    const out: string[] = [];
    if (v.configMap?.items) out.push(...warn(`ConfigMap ${quote(v.configMap.name ?? "")}`, overlaps(itemPaths(v.configMap.items, ""))));
    if (v.secret?.items) out.push(...warn(`Secret ${quote(v.secret.secretName ?? "")}`, overlaps(itemPaths(v.secret.items, ""))));
    if (v.downwardAPI?.items) out.push(...warn("DownwardAPI", overlaps(itemPaths(v.downwardAPI.items, ""))));
    if (v.projected) {
      const sources = v.projected.sources ?? [];
      for (const source of sources) if (isEmpty(source)) out.push(`volume ${quote(v.name ?? "")} (Projected) has no sources provided`);
      out.push(...warn("Projected", overlaps(sources.flatMap(projectionPaths))));
    }
    return out;
  });
}
