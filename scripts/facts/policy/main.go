// Command policy prints the roles and bindings that a kube-apiserver makes when it starts, as one JSON document.
package main

import (
	"encoding/json"
	"os"

	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

func main() {
	policy := map[string]any{
		"clusterRoles":        append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...),
		"clusterRoleBindings": append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...),
		"roles":               bootstrappolicy.NamespaceRoles(),
		"roleBindings":        bootstrappolicy.NamespaceRoleBindings(),
	}
	if err := json.NewEncoder(os.Stdout).Encode(policy); err != nil {
		panic(err)
	}
}
