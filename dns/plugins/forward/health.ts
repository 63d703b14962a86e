import { TYPE } from "../../wire/records.js";
import { encode } from "../../wire/write.js";
import type { ForwardOptions } from "./options.js";
import type { Upstream } from "./upstream.js";

/** How often a server failed since it last answered. */
export interface Health {
  readonly fails: number;
  /** Asks the server until it answers; nothing when that is already under way. */
  check(): void;
  stop(): void;
}

const NONE = 0;
const RD = 0x0100;
const MAX_MESSAGE = 65_535;

/** Source: CoreDNS plugin/pkg/up and plugin/pkg/proxy/health.go. Any answer will do. */
export function createHealth(upstream: Upstream, { health, forceTcp }: ForwardOptions, random: () => number, failed: () => void): Health {
  let fails = NONE;
  let checking = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const probe = async (): Promise<void> => {
    const labels = health.name === "" ? [] : health.name.split(".");
    const id = Math.floor(random() * 0x10000);
    const query = encode({ id, flags: health.recursion ? RD : 0, question: { labels, type: TYPE.NS, class: 1 } }, MAX_MESSAGE);
    try {
      await upstream.ask(query, forceTcp ? "tcp" : "udp");
      fails = NONE;
      checking = false;
    } catch {
      fails++;
      failed();
      if (stopped) return;
      timer = setTimeout(() => void probe(), health.interval);
      timer.unref();
    }
  };
  return {
    get fails() {
      return fails;
    },
    check() {
      if (checking || stopped) return;
      checking = true;
      void probe();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
