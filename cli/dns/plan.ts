/** Resolvers of a machine that can be told to ask somebody else for one domain. */
export const RESOLVERS = ["systemd-resolved", "macos", "dnsmasq"] as const;
export type Resolver = (typeof RESOLVERS)[number];

/** Where the cluster's DNS answers, and for which names. */
export interface Responder {
  readonly address: string;
  readonly port: number;
  readonly domain: string;
}

/** What makes a resolver ask the cluster: one file, and the commands after which it has read it. */
export interface Setup {
  readonly resolver: Resolver;
  readonly file: string;
  readonly text: string;
  readonly commands: readonly (readonly string[])[];
}

/** The first line of a file by which it is known as ours; `#` begins a comment in all three. */
const MARK = '# mockube: made by "mockube dns install", taken away by "mockube dns remove"';

/** Whether the text of a file is one that `mockube dns install` wrote. */
export const isOurs = (text: string): boolean => text.startsWith("# mockube:");

interface Way {
  readonly file: (domain: string) => string;
  readonly lines: (at: Responder) => readonly string[];
  readonly commands: readonly (readonly string[])[];
}

const WAYS: Readonly<Record<Resolver, Way>> = {
  // resolved.conf(5): a domain with ~ decides who is asked and is not searched in
  "systemd-resolved": {
    file: () => "/etc/systemd/resolved.conf.d/mockube.conf",
    lines: ({ address, port, domain }) => ["[Resolve]", `DNS=${address.includes(":") ? `[${address}]` : address}:${port}`, `Domains=~${domain}`],
    commands: [["systemctl", "restart", "systemd-resolved"]],
  },
  // resolver(5): the name of the file is the domain; what was denied before is remembered until it is flushed
  macos: {
    file: (domain) => `/etc/resolver/${domain}`,
    lines: ({ address, port }) => [`nameserver ${address}`, `port ${port}`],
    commands: [
      ["dscacheutil", "-flushcache"],
      ["killall", "-HUP", "mDNSResponder"],
    ],
  },
  dnsmasq: {
    file: () => "/etc/dnsmasq.d/mockube.conf",
    lines: ({ address, port, domain }) => [`server=/${domain}/${address}#${port}`],
    commands: [["systemctl", "restart", "dnsmasq"]],
  },
};

/** The file a resolver has from us, and the commands after it changed. */
export function placeOf(resolver: Resolver, domain: string): Pick<Setup, "resolver" | "file" | "commands"> {
  return { resolver, file: WAYS[resolver].file(domain), commands: WAYS[resolver].commands };
}

/** How a resolver is told to ask the cluster for its names, and for no others. */
export function setupOf(resolver: Resolver, at: Responder): Setup {
  return { ...placeOf(resolver, at.domain), text: `${[MARK, ...WAYS[resolver].lines(at)].join("\n")}\n` };
}

/** Which resolver a machine has; undefined when it is none of these. `exists`: whether there is something at a path. */
export function resolverOf(platform: string, exists: (path: string) => boolean): Resolver | undefined {
  if (platform === "darwin") return "macos";
  // what the running service makes, not what is installed
  if (exists("/run/systemd/resolve")) return "systemd-resolved";
  return exists("/etc/dnsmasq.d") ? "dnsmasq" : undefined;
}

const quoted = (word: string): string => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const shell = (command: readonly string[]): string => command.map(quoted).join(" ");

/** What `install --yes` does, as a shell has it: to be read, or piped into one. */
export function installScript({ resolver, file, text, commands }: Setup): string {
  const folder = file.slice(0, file.lastIndexOf("/"));
  const lines = [`# ${resolver}`, `mkdir -p ${quoted(folder)}`, `cat > ${quoted(file)} <<'END'`, `${text}END`, ...commands.map(shell)];
  return `${lines.join("\n")}\n`;
}

/** What `remove --yes` does. */
export function removeScript({ resolver, file, commands }: Pick<Setup, "resolver" | "file" | "commands">): string {
  return `${[`# ${resolver}`, `rm ${quoted(file)}`, ...commands.map(shell)].join("\n")}\n`;
}
