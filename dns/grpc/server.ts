import { isIPv6 } from "node:net";
import { logVerbosity, Server, ServerCredentials, setLogVerbosity, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Exchange } from "../exchange.js";
import type { Listening } from "../responder.js";
import { DNS, HEALTH, health, query, reflect, reflectionOf } from "./services.js";

/** PEM. */
export interface GrpcTls {
  readonly key: string;
  readonly cert: string;
}

export interface GrpcOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls: GrpcTls | undefined;
  readonly exchange: Exchange;
  /** Whether answers are right by now. */
  readonly serving: () => boolean;
}

/** Answers over gRPC: CoreDNS's DnsService, health checks, reflection. Errors: that of a port that is taken. */
export async function listenGrpc({ host, port, tls, exchange, serving }: GrpcOptions): Promise<Listening> {
  // what goes wrong comes as an error; the library would write it to stderr as well
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server();
  server.addService(DNS, { Query: query(exchange) } as UntypedServiceImplementation);
  server.addService(HEALTH, { ...health(serving) } as UntypedServiceImplementation);
  for (const version of ["v1", "v1alpha"] as const) {
    server.addService(reflectionOf(version), { ServerReflectionInfo: reflect(version) } as UntypedServiceImplementation);
  }
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }])
    : ServerCredentials.createInsecure();
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${isIPv6(host) ? `[${host}]` : host}:${port}`, credentials, (error, taken) => {
      if (error) reject(error);
      else resolve(taken);
    });
  });
  return {
    port: bound,
    async stop() {
      // a watch would keep it open for as long as its client likes
      server.forceShutdown();
    },
  };
}
