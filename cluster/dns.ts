import type { Client } from "../client/client.js";
import { DEFAULT_COREFILE } from "../dns/corefile/default.js";
import type { DnsResponder } from "../dns/index.js";
import { badRequest } from "../server/errors.js";
import type { ControlRoutes } from "../server/http/control.js";
import { dnsQuery } from "./dnsquery.js";

/** The address by which a listener is reached from the same machine. */
const reached = (host: string): string => (host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host);

/** The routes below `/mockube/` that are about names. `responder`: undefined as long as, or where, there is none. */
export function dnsRoutes(host: string, responder: () => DnsResponder | undefined, client: () => Client): ControlRoutes {
  const running = (): DnsResponder => {
    const dns = responder();
    if (!dns) throw badRequest("this cluster has no DNS");
    return dns;
  };
  return {
    "GET dns/query": (query) => dnsQuery(query, running(), client(), DEFAULT_COREFILE.domain),
    "GET dns": () => ({ address: reached(host), port: running().port, grpcPort: running().grpcPort, domain: DEFAULT_COREFILE.domain }),
  };
}
