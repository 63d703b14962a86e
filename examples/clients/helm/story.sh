#!/usr/bin/env bash
# A chart installed, upgraded, rolled back and uninstalled with Helm. Takes the cluster from KUBECONFIG, and `helm` from HELM, or builds it with Go.
set -euo pipefail
cd "$(dirname "$0")"
HELM=${HELM:-go run helm.sh/helm/v4/cmd/helm@v4.3.1}

$HELM install story chart --wait --timeout 60s
test "$(kubectl get deployment story -o jsonpath='{.status.readyReplicas}')" = 2
$HELM upgrade story chart --set replicas=3 --wait --timeout 60s
test "$(kubectl get deployment story -o jsonpath='{.status.readyReplicas}')" = 3
$HELM rollback story 1 --wait --timeout 60s
test "$(kubectl get deployment story -o jsonpath='{.spec.replicas}')" = 2
$HELM history story
$HELM uninstall story --wait --timeout 60s
test -z "$(kubectl get deployments,services,configmaps -l app.kubernetes.io/instance=story -o name)"
echo "helm: done"
