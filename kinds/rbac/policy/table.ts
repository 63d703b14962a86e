/** The roles and bindings of a new cluster. Written by scripts/facts/policy.mjs; parse.ts says how to read it. */

export const ROLES = `
cluster-admin
  * *: *
  urls *: *
system:discovery
  urls /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/: get
system:monitoring
  urls /flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz: get
  core nodes/metrics: get
system:basic-user
  authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews: create
  authentication.k8s.io selfsubjectreviews: create
system:public-info-viewer
  urls /healthz,/livez,/readyz,/version,/version/: get
admin <aggregate-to-admin
edit +aggregate-to-admin <aggregate-to-edit
view +aggregate-to-edit <aggregate-to-view
system:aggregate-to-admin +aggregate-to-admin
  authorization.k8s.io localsubjectaccessreviews: create
  rbac.authorization.k8s.io rolebindings,roles: read+write
system:aggregate-to-edit +aggregate-to-edit
  core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy: read
  core serviceaccounts: impersonate
  core pods,pods/attach,pods/exec,pods/portforward,pods/proxy: write
  core pods/eviction: create
  core configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy: write
  core serviceaccounts/token: create
  core,events.k8s.io events: write
  apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale: write
  autoscaling horizontalpodautoscalers: write
  batch cronjobs,jobs: write
  extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale: write
  policy poddisruptionbudgets: write
  networking.k8s.io ingresses,networkpolicies: write
  coordination.k8s.io leases: read+write
  resource.k8s.io resourceclaims,resourceclaimtemplates: write
system:aggregate-to-view +aggregate-to-view
  core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status: read
  core bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status: read
  core namespaces: read
  core,events.k8s.io events: read
  discovery.k8s.io endpointslices: read
  apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status: read
  autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status: read
  batch cronjobs,cronjobs/status,jobs,jobs/status: read
  extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale: read
  policy poddisruptionbudgets,poddisruptionbudgets/status: read
  networking.k8s.io ingresses,ingresses/status,networkpolicies: read
  resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates: read
system:heapster
  core events,namespaces,nodes,pods: read
  extensions deployments: read
system:node
  authentication.k8s.io tokenreviews: create
  authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews: create
  core services: read
  core nodes: create get list watch
  core nodes/status: patch update
  core nodes: patch update
  core,events.k8s.io events: create patch update
  core pods: read
  core pods: create delete
  core pods/status: patch update
  core pods/eviction: create
  core configmaps,secrets: read
  core persistentvolumeclaims,persistentvolumes: get
  core endpoints: get
  certificates.k8s.io certificatesigningrequests: create get list watch
  coordination.k8s.io leases: create delete get patch update
  storage.k8s.io volumeattachments: get
  core serviceaccounts/token: create
  core persistentvolumeclaims/status: get patch update
  storage.k8s.io csidrivers: read
  storage.k8s.io csinodes: create delete get patch update
  node.k8s.io runtimeclasses: read
  resource.k8s.io resourceclaims: get
  resource.k8s.io resourceslices: deletecollection
  core serviceaccounts: get
system:node-problem-detector
  core nodes: get
  core nodes/status: patch
  core,events.k8s.io events: create patch update
system:node-bootstrapper
  certificates.k8s.io certificatesigningrequests: create get list watch
system:auth-delegator
  authentication.k8s.io tokenreviews: create
  authorization.k8s.io subjectaccessreviews: create
system:kube-aggregator
  core endpoints,services: read
system:kube-controller-manager
  core,events.k8s.io events: create patch update
  coordination.k8s.io leases: create
  coordination.k8s.io leases(kube-controller-manager): get update
  core secrets,serviceaccounts: create
  core secrets: delete
  core configmaps,namespaces,secrets,serviceaccounts: get
  core secrets,serviceaccounts: update
  authentication.k8s.io tokenreviews: create
  authorization.k8s.io subjectaccessreviews: create
  * *: list watch
  core serviceaccounts/token: create
system:kube-dns
  core endpoints,services: list watch
system:persistent-volume-provisioner
  core persistentvolumes: create delete get list watch
  core persistentvolumeclaims: get list update watch
  storage.k8s.io storageclasses: read
  core events: watch
  core,events.k8s.io events: create patch update
system:certificates.k8s.io:certificatesigningrequests:nodeclient
  certificates.k8s.io certificatesigningrequests/nodeclient: create
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  certificates.k8s.io certificatesigningrequests/selfnodeclient: create
system:volume-scheduler
  core persistentvolumes: get list patch update watch
  storage.k8s.io storageclasses: read
  core persistentvolumeclaims: get list patch update watch
system:certificates.k8s.io:legacy-unknown-approver
  certificates.k8s.io signers(kubernetes.io/legacy-unknown): approve
system:certificates.k8s.io:kubelet-serving-approver
  certificates.k8s.io signers(kubernetes.io/kubelet-serving): approve
system:certificates.k8s.io:kube-apiserver-client-approver
  certificates.k8s.io signers(kubernetes.io/kube-apiserver-client): approve
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  certificates.k8s.io signers(kubernetes.io/kube-apiserver-client-kubelet): approve
system:service-account-issuer-discovery
  urls /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/: get
system:kubelet-api-admin
  core nodes: read
  core nodes: proxy
  core nodes/log,nodes/metrics,nodes/proxy,nodes/stats: *
  core nodes/configz,nodes/healthz,nodes/pods: *
system:node-proxier
  core endpoints,services: list watch
  core nodes: read
  core,events.k8s.io events: create patch update
  networking.k8s.io servicecidrs: list watch
  discovery.k8s.io endpointslices: list watch
system:kube-scheduler
  core,events.k8s.io events: create patch update
  coordination.k8s.io leases: create
  coordination.k8s.io leases(kube-scheduler): get list update watch
  coordination.k8s.io leasecandidates: read+write
  core nodes: read
  core pods: delete get list watch
  core bindings,pods/binding: create
  core pods/status: patch update
  core replicationcontrollers,services: read
  apps,extensions replicasets: read
  apps statefulsets: read
  policy poddisruptionbudgets: read
  core persistentvolumeclaims,persistentvolumes: read
  authentication.k8s.io tokenreviews: create
  authorization.k8s.io subjectaccessreviews: create
  storage.k8s.io csinodes: read
  storage.k8s.io volumeattachments: read
  core namespaces: read
  storage.k8s.io csidrivers: read
  storage.k8s.io csistoragecapacities: read
  resource.k8s.io deviceclasses: read
  resource.k8s.io resourceclaims: get list patch update watch
  resource.k8s.io resourceclaims/status: get list patch update watch
  core pods/finalizers: update
  resource.k8s.io resourceslices: read
  resource.k8s.io resourceclaims: create delete
  resource.k8s.io resourceclaims/binding: patch update
system:controller:attachdetach-controller
  core persistentvolumeclaims,persistentvolumes: list watch
  core nodes: read
  core nodes/status: patch update
  core pods: list watch
  core,events.k8s.io events: create patch update
  storage.k8s.io volumeattachments: create delete get list watch
  storage.k8s.io csidrivers: read
  storage.k8s.io csinodes: read
system:controller:clusterrole-aggregation-controller
  rbac.authorization.k8s.io clusterroles: escalate get list patch update watch
system:controller:cronjob-controller
  batch cronjobs: get list update watch
  batch jobs: create delete get list patch update watch
  batch cronjobs/status: update
  batch cronjobs/finalizers: update
  core pods: delete list watch
  core,events.k8s.io events: create patch update
system:controller:daemon-set-controller
  apps,extensions daemonsets: read
  apps,extensions daemonsets/status: update
  apps,extensions daemonsets/finalizers: update
  core nodes: list watch
  core pods: create delete list patch watch
  core pods/binding: create
  apps controllerrevisions: create delete get list patch update watch
  core,events.k8s.io events: create patch update
system:controller:deployment-controller
  apps,extensions deployments: get list update watch
  apps,extensions deployments/status: update
  apps,extensions deployments/finalizers: update
  apps,extensions replicasets: create delete get list patch update watch
  core pods: get list update watch
  core,events.k8s.io events: create patch update
system:controller:disruption-controller
  apps,extensions deployments: read
  apps,extensions replicasets: read
  core replicationcontrollers: read
  policy poddisruptionbudgets: read
  apps statefulsets: read
  policy poddisruptionbudgets/status: update
  core pods/status: patch update
  * */scale: get
  core,events.k8s.io events: create patch update
system:controller:endpoint-controller
  core pods,services: read
  core endpoints: create delete get list update watch
  core endpoints/restricted: create
  core,events.k8s.io events: create patch update
system:controller:endpointslice-controller
  core nodes,pods,services: read
  core services/finalizers: update
  discovery.k8s.io endpointslices: create delete get list update watch
  core,events.k8s.io events: create patch update
system:controller:endpointslicemirroring-controller
  core endpoints,services: read
  core services/finalizers: update
  core endpoints/finalizers: update
  discovery.k8s.io endpointslices: create delete get list update watch
  core,events.k8s.io events: create patch update
system:controller:expand-controller
  core persistentvolumes: get list patch update watch
  core persistentvolumeclaims/status: patch update
  core persistentvolumeclaims: read
  core,events.k8s.io events: create patch update
system:controller:ephemeral-volume-controller
  core pods: read
  core pods/finalizers: update
  core persistentvolumeclaims: create get list watch
  core,events.k8s.io events: create patch update
system:controller:resource-claim-controller
  core pods: read
  core pods/finalizers: update
  resource.k8s.io resourceclaims: create delete get list watch
  resource.k8s.io resourceclaims,resourceclaims/status: patch update
  core pods/status: patch update
  core,events.k8s.io events: create patch update
  resource.k8s.io resourceclaims/binding: patch update
system:controller:device-taint-eviction-controller
  core pods: delete get list watch
  core pods/status: patch update
  resource.k8s.io resourceclaims: read
  resource.k8s.io resourceslices: read
  resource.k8s.io deviceclasses: read
  core,events.k8s.io events: create patch update
system:controller:generic-garbage-collector
  * *: delete get list patch update watch
  core,events.k8s.io events: create patch update
system:controller:horizontal-pod-autoscaler
  autoscaling horizontalpodautoscalers: read
  autoscaling horizontalpodautoscalers/status: update
  * */scale: get update
  core pods: list watch
  metrics.k8s.io pods: list watch
  custom.metrics.k8s.io *: read
  external.metrics.k8s.io *: read
  core,events.k8s.io events: create patch update
system:controller:job-controller
  batch jobs: get list patch update watch
  batch jobs/status: update
  batch jobs/finalizers: update
  core pods: create delete list patch watch
  core,events.k8s.io events: create patch update
system:controller:namespace-controller
  core namespaces: delete get list watch
  core namespaces/finalize,namespaces/status: update
  * *: delete deletecollection get list watch
system:controller:node-controller
  core nodes: delete get list patch update watch
  core nodes/status: patch update
  core pods/status: patch update
  core pods: delete get list watch
  core,events.k8s.io events: create patch update
system:controller:persistent-volume-binder
  core persistentvolumes: create delete get list update watch
  core persistentvolumes/status: update
  core persistentvolumeclaims: get list update watch
  core persistentvolumeclaims/status: update
  core pods: create delete get list watch
  storage.k8s.io storageclasses: read
  core nodes: list watch
  core,events.k8s.io events: create patch update
  core events: watch
system:controller:pod-garbage-collector
  core pods: delete list watch
  core nodes: read
  core pods/status: patch
system:controller:replicaset-controller
  apps,extensions replicasets: get list update watch
  apps,extensions replicasets/status: update
  apps,extensions replicasets/finalizers: update
  core pods: create delete list patch watch
  core,events.k8s.io events: create patch update
system:controller:replication-controller
  core replicationcontrollers: get list update watch
  core replicationcontrollers/status: update
  core replicationcontrollers/finalizers: update
  core pods: create delete list patch watch
  core,events.k8s.io events: create patch update
system:controller:resourcequota-controller
  * *: list watch
  core resourcequotas/status: update
  core,events.k8s.io events: create patch update
system:controller:route-controller
  core nodes: list watch
  core nodes/status: patch
  core,events.k8s.io events: create patch update
system:controller:service-account-controller
  core serviceaccounts: create
  core,events.k8s.io events: create patch update
system:controller:service-controller
  core services: read
  core services/status: patch update
  core nodes: list watch
  core,events.k8s.io events: create patch update
system:controller:service-cidrs-controller
  networking.k8s.io servicecidrs: get list patch update watch
  networking.k8s.io servicecidrs/finalizers: patch update
  networking.k8s.io servicecidrs/status: patch update
  networking.k8s.io ipaddresses: read
  core,events.k8s.io events: create patch update
system:controller:statefulset-controller
  core pods: list watch
  apps statefulsets: read
  apps statefulsets/status: update
  apps statefulsets/finalizers: update
  core pods: create delete get patch update
  apps controllerrevisions: create delete get list patch update watch
  core persistentvolumeclaims: create get list watch
  core persistentvolumeclaims: delete update
  core pods/finalizers: update
  core,events.k8s.io events: create patch update
system:controller:ttl-controller
  core nodes: list patch update watch
  core,events.k8s.io events: create patch update
system:controller:certificate-controller
  certificates.k8s.io certificatesigningrequests: delete get list watch
  certificates.k8s.io certificatesigningrequests/approval,certificatesigningrequests/status: update
  certificates.k8s.io signers(kubernetes.io/kube-apiserver-client-kubelet): approve
  certificates.k8s.io signers(kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown): sign
  authorization.k8s.io subjectaccessreviews: create
  core,events.k8s.io events: create patch update
system:controller:pvc-protection-controller
  core persistentvolumeclaims: get list update watch
  core persistentvolumeclaims/status: update
  core pods: read
  core,events.k8s.io events: create patch update
system:controller:pv-protection-controller
  core persistentvolumes: get list update watch
  core,events.k8s.io events: create patch update
system:controller:volumeattributesclass-protection-controller
  core persistentvolumeclaims: read
  core persistentvolumes: read
  storage.k8s.io volumeattributesclasses: get list update watch
  core,events.k8s.io events: create patch update
system:controller:ttl-after-finished-controller
  batch jobs: delete get list watch
  core,events.k8s.io events: create patch update
system:controller:root-ca-cert-publisher
  core configmaps: create update
  core,events.k8s.io events: create patch update
system:controller:validatingadmissionpolicy-status-controller
  admissionregistration.k8s.io validatingadmissionpolicies: read
  admissionregistration.k8s.io validatingadmissionpolicies/status: get patch update
  core,events.k8s.io events: create patch update
system:controller:legacy-service-account-token-cleaner
  core configmaps(kube-apiserver-legacy-service-account-token-tracking): get
  core secrets: delete patch
system:controller:selinux-warning-controller
  core,events.k8s.io events: create patch update
  core persistentvolumes: read
  core persistentvolumeclaims: read
  core pods: read
  storage.k8s.io csidrivers: read
kube-public/system:controller:bootstrap-signer
  core configmaps: read
  core configmaps(cluster-info): update
  core,events.k8s.io events: create patch update
kube-system/extension-apiserver-authentication-reader
  core configmaps(extension-apiserver-authentication): read
kube-system/system:controller:bootstrap-signer
  core secrets: read
kube-system/system:controller:cloud-provider
  core configmaps: create get list watch
kube-system/system:controller:token-cleaner
  core secrets: delete get list watch
  core,events.k8s.io events: create patch update
kube-system/system::leader-locking-kube-controller-manager
  coordination.k8s.io leases: create get list update watch
  coordination.k8s.io leasecandidates: create get list update watch
kube-system/system::leader-locking-kube-scheduler
  coordination.k8s.io leases: create get list update watch
  coordination.k8s.io leasecandidates: create get list update watch
`;

export const BINDINGS = `
cluster-admin = group system:masters
system:monitoring = group system:monitoring
system:discovery = group system:authenticated
system:basic-user = group system:authenticated
system:public-info-viewer = group system:authenticated, group system:unauthenticated
system:node-proxier = user system:kube-proxy
system:kube-controller-manager = user system:kube-controller-manager
system:kube-dns = account kube-system/kube-dns
system:kube-scheduler = user system:kube-scheduler
system:volume-scheduler = user system:kube-scheduler
system:node
system:service-account-issuer-discovery = group system:serviceaccounts
kube-public/system:controller:bootstrap-signer = account kube-system/bootstrap-signer
kube-system/system::extension-apiserver-authentication-reader -> extension-apiserver-authentication-reader = user system:kube-controller-manager, user system:kube-scheduler
kube-system/system::leader-locking-kube-controller-manager = user system:kube-controller-manager, account kube-system/kube-controller-manager, account kube-system/leader-election-controller
kube-system/system::leader-locking-kube-scheduler = user system:kube-scheduler, account kube-system/kube-scheduler
kube-system/system:controller:bootstrap-signer = account kube-system/bootstrap-signer
kube-system/system:controller:cloud-provider = account kube-system/cloud-provider
kube-system/system:controller:token-cleaner = account kube-system/token-cleaner
`;
