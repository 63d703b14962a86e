import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type handleBidiStreamingCall, type handleServerStreamingCall, type handleUnaryCall, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { Exchange, Peer } from "../exchange.js";
import { receive } from "../wire/message.js";
import { RCODE } from "../wire/records.js";
import { fileContaining, fileNamed, messageOf, SERVICES } from "./descriptors.js";

/** A message as its descriptor has it: fields by their names in camel case. */
type Dynamic = Message & Readonly<Record<string, unknown>>;

const MAX_MESSAGE = 65_535;
const SERVING = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

const methodOf = (service: string, name: string, request: DescMessage, response: DescMessage, streams: readonly [client: boolean, server: boolean]) => ({
  path: `/${service}/${name}`,
  requestStream: streams[0],
  responseStream: streams[1],
  requestSerialize: (message: Dynamic) => Buffer.from(toBinary(request, message)),
  requestDeserialize: (bytes: Buffer) => fromBinary(request, bytes) as Dynamic,
  responseSerialize: (message: Dynamic) => Buffer.from(toBinary(response, message)),
  responseDeserialize: (bytes: Buffer) => fromBinary(response, bytes) as Dynamic,
});

const packet = messageOf("coredns.dns.DnsPacket");
const healthRequest = messageOf("grpc.health.v1.HealthCheckRequest");
const healthResponse = messageOf("grpc.health.v1.HealthCheckResponse");

export const DNS: ServiceDefinition = { Query: methodOf("coredns.dns.DnsService", "Query", packet, packet, [false, false]) };
export const HEALTH: ServiceDefinition = {
  Check: methodOf("grpc.health.v1.Health", "Check", healthRequest, healthResponse, [false, false]),
  Watch: methodOf("grpc.health.v1.Health", "Watch", healthRequest, healthResponse, [false, true]),
};
const reflectionMessage = (version: string, name: string): DescMessage => messageOf(`grpc.reflection.${version}.ServerReflection${name}`);
export const reflectionOf = (version: "v1" | "v1alpha"): ServiceDefinition => ({
  ServerReflectionInfo: methodOf(
    `grpc.reflection.${version}.ServerReflection`,
    "ServerReflectionInfo",
    reflectionMessage(version, "Request"),
    reflectionMessage(version, "Response"),
    [true, true],
  ),
});

/** `ipv4:127.0.0.1:4711`, `[::1]:4711`: where a call comes from. */
function peerOf(text: string): Peer {
  const [, address = "", port = "0"] = /^(?:ipv[46]:)?\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return { address, port: Number(port) };
}

/** Whether a message is turned down before it is a question. Source: CoreDNS plugin/pkg/dnsutil UnpackRequest. */
function isRejected(bytes: Buffer): boolean {
  const incoming = receive(bytes, "tcp");
  if (!incoming) return true;
  if (!("reply" in incoming) || !incoming.reply) return false;
  const rcode = incoming.reply[3] & 15;
  return rcode === RCODE.FORMERR || rcode === RCODE.NOTIMP;
}

/** `coredns.dns.DnsService/Query`. Source: CoreDNS core/dnsserver/server_grpc.go. */
export const query =
  (exchange: Exchange): handleUnaryCall<Dynamic, Dynamic> =>
  async (call, callback) => {
    const bytes = Buffer.from(call.request.msg as Uint8Array);
    if (bytes.length > MAX_MESSAGE) return callback({ code: status.UNKNOWN, details: `dns message exceeds size limit: ${bytes.length}` });
    if (isRejected(bytes)) return callback({ code: status.UNKNOWN, details: "dns request rejected" });
    const msg = await exchange(bytes, "tcp", peerOf(call.getPeer()));
    callback(null, create(packet, { msg } as never) as Dynamic);
  };

const statusOf = (service: string, serving: boolean): number =>
  service !== "" && !SERVICES.includes(service) ? SERVING.SERVICE_UNKNOWN : serving ? SERVING.SERVING : SERVING.NOT_SERVING;

/** `grpc.health.v1.Health`: what is not known is an error to who asks once, and a status to who watches. */
export function health(serving: () => boolean): {
  readonly Check: handleUnaryCall<Dynamic, Dynamic>;
  readonly Watch: handleServerStreamingCall<Dynamic, Dynamic>;
} {
  const response = (value: number): Dynamic => create(healthResponse, { status: value } as never) as Dynamic;
  return {
    Check(call, callback) {
      const value = statusOf(String(call.request.service), serving());
      if (value === SERVING.SERVICE_UNKNOWN) callback({ code: status.NOT_FOUND, details: "unknown service" });
      else callback(null, response(value));
    },
    // once a cluster is known it stays so: the first status is the last one, and the stream is open until the client ends it
    Watch(call) {
      call.write(response(statusOf(String(call.request.service), serving())));
      call.on("cancelled", () => call.end());
    },
  };
}

/** What one request for descriptors is answered; `oneof` is its field that is set. */
function reflected(oneof: { readonly case?: string; readonly value?: unknown }): { readonly case: string; readonly value: unknown } {
  const failed = (errorCode: number, errorMessage: string) => ({ case: "errorResponse", value: { errorCode, errorMessage } });
  const file = (found: Uint8Array | undefined, what: string) =>
    found ? { case: "fileDescriptorResponse", value: { fileDescriptorProto: [found] } } : failed(status.NOT_FOUND, `${what} not found`);
  switch (oneof.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: SERVICES.map((name) => ({ name })) } };
    case "fileByFilename":
      return file(fileNamed(String(oneof.value)), `file "${oneof.value}"`);
    case "fileContainingSymbol":
      return file(fileContaining(String(oneof.value)), `symbol "${oneof.value}"`);
    case undefined:
      return failed(status.INVALID_ARGUMENT, "no request");
    default:
      return failed(status.NOT_FOUND, "there are no extensions");
  }
}

export function reflect(version: "v1" | "v1alpha"): handleBidiStreamingCall<Dynamic, Dynamic> {
  const schema = reflectionMessage(version, "Response");
  const inner = (oneof: { readonly case: string; readonly value: unknown }): unknown => ({ case: oneof.case, value: withSchema(version, oneof) });
  return (call) => {
    call.on("data", (request: Dynamic) => {
      const answer = reflected(request.messageRequest as { readonly case?: string; readonly value?: unknown });
      call.write(create(schema, { validHost: request.host, originalRequest: request, messageResponse: inner(answer) } as never) as Dynamic);
    });
    call.on("end", () => call.end());
  };
}

const RESPONSES: Readonly<Record<string, string>> = {
  errorResponse: "ErrorResponse",
  fileDescriptorResponse: "FileDescriptorResponse",
  listServicesResponse: "ListServiceResponse",
};

const withSchema = (version: string, { case: name, value }: { readonly case: string; readonly value: unknown }): Message => {
  const init =
    name === "listServicesResponse"
      ? {
          service: (value as { readonly service: readonly object[] }).service.map((one) =>
            create(messageOf(`grpc.reflection.${version}.ServiceResponse`), one as never),
          ),
        }
      : value;
  return create(messageOf(`grpc.reflection.${version}.${RESPONSES[name]}`), init as never);
};
