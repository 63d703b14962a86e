/** dataSource and dataSourceRef say the same thing in an old and a new form. Source: pkg/api/persistentvolumeclaim/util.go. */
import type { PersistentVolumeClaimSpec, TypedObjectReference } from "../../schema/api/core.v1.js";

type Spec = Partial<PersistentVolumeClaimSpec> | undefined;

const isLegacySource = (source: { apiGroup?: string; kind?: string } | undefined): boolean =>
  (source?.kind === "PersistentVolumeClaim" && !source.apiGroup) || (source?.kind === "VolumeSnapshot" && source.apiGroup === "snapshot.storage.k8s.io");

/**
 * A reference into another namespace is dropped (CrossNamespaceVolumeDataSource is off), and so is a data source of a kind that old servers knew
 * nothing of, unless the stored claim has one already.
 */
export function enforceDataSourceCompatibility(spec: Spec, old?: Spec): void {
  if (!spec) return;
  if ((spec.dataSourceRef as TypedObjectReference | undefined)?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  if (old?.dataSource || old?.dataSourceRef || spec.dataSourceRef) return;
  if (!isLegacySource(spec.dataSource)) delete spec.dataSource;
}

/** Fills in the form that is missing. */
export function normalizeDataSources(spec: Spec): void {
  if (!spec) return;
  const { dataSource, dataSourceRef } = spec as { dataSource?: TypedObjectReference; dataSourceRef?: TypedObjectReference };
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...rest } = dataSourceRef;
    spec.dataSource = rest;
  }
}
