/** What a kubeconfig says. */
export interface Connection {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  readonly name?: string;
}

/** A kubeconfig file with one cluster, one user and one context, the current one. */
export function kubeconfigText({ server, ca, token, name = "mockube" }: Connection): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${Buffer.from(ca).toString("base64")}
users:
- name: ${name}-admin
  user:
    token: ${token}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}-admin
current-context: ${name}
preferences: {}
`;
}
