import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import * as other from "dns-packet";
import { afterEach, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../../cluster/index.js";
import { messageOf, SERVICES } from "../../../dns/grpc/descriptors.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(plaintext: boolean): Promise<{ readonly cluster: Cluster; readonly client: Client }> {
  const cluster = await startCluster({ nodes: 0, environment: "kind", dns: { grpc: { port: 0, plaintext } } });
  ends.push(() => cluster.stop());
  const client = new Client(`127.0.0.1:${cluster.grpcPort}`, plaintext ? credentials.createInsecure() : credentials.createSsl(Buffer.from(cluster.ca)));
  ends.push(() => client.close());
  return { cluster, client };
}

type Fields = Readonly<Record<string, unknown>>;
const writer = (desc: DescMessage) => (fields: Fields) => Buffer.from(toBinary(desc, create(desc, fields as never)));
const reader = (desc: DescMessage) => (bytes: Buffer) => fromBinary(desc, bytes) as Message & Fields;

function call(client: Client, path: string, request: string, response: string, fields: Fields): Promise<Message & Fields> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, writer(messageOf(request)), reader(messageOf(response)), fields, (error: ServiceError | null, value?: Message & Fields) => {
      if (error) reject(error);
      else resolve(value as Message & Fields);
    });
  });
}

const PACKET = "coredns.dns.DnsPacket";
const send = async (client: Client, msg: Uint8Array): Promise<Buffer> =>
  Buffer.from((await call(client, "/coredns.dns.DnsService/Query", PACKET, PACKET, { msg })).msg as Uint8Array);

const queryFor = (name: string, type: other.RecordType): Buffer =>
  other.encode({ type: "query", id: 7, flags: other.RECURSION_DESIRED, questions: [{ name, type }] });

async function ask(client: Client, name: string, type: other.RecordType): Promise<other.DecodedPacket> {
  return other.decode(await send(client, queryFor(name, type)));
}

const KUBERNETES = "kubernetes.default.svc.cluster.local";
const HEALTH = ["grpc.health.v1.HealthCheckRequest", "grpc.health.v1.HealthCheckResponse"] as const;

describe("#6.5 DNS over gRPC", () => {
  it.each([
    ["with the cluster's certificate", false],
    ["in plain text", true],
  ])("answers as over UDP and TCP, %s", async (_, plaintext) => {
    const { cluster, client } = await start(plaintext);
    expect(await ask(client, KUBERNETES, "A")).toMatchObject({ id: 7, flag_aa: true, answers: [{ name: KUBERNETES, ttl: 5, data: "10.96.0.1" }] });
    expect(await ask(client, `_https._tcp.${KUBERNETES}`, "SRV")).toMatchObject({
      answers: [{ data: { priority: 0, weight: 100, port: 443, target: KUBERNETES } }],
      additionals: [{ data: "10.96.0.1" }],
    });
    expect(await ask(client, "gone.default.svc.cluster.local", "A")).toMatchObject({ rcode: "NXDOMAIN" });
    expect(await ask(client, "example.org", "A")).toMatchObject({ rcode: "REFUSED" });
    const response = await fetchJson(cluster, "/mockube/dns");
    expect(response).toMatchObject({ grpcPort: cluster.grpcPort });
  });

  it("what is no question is an error of the call", async () => {
    const { client } = await start(true);
    const rejected = { code: status.UNKNOWN, details: "dns request rejected" };
    const query = queryFor(KUBERNETES, "A");
    const two = Buffer.from(query);
    two.writeUInt16BE(2, 4);
    const answer = Buffer.from(query);
    answer[2] |= 0x80;
    for (const bytes of [Buffer.alloc(3), query.subarray(0, 20), two, answer]) await expect(send(client, bytes)).rejects.toMatchObject(rejected);
    await expect(send(client, Buffer.alloc(65_536))).rejects.toMatchObject({ details: "dns message exceeds size limit: 65536" });
    expect(await ask(client, KUBERNETES, "A")).toMatchObject({ rcode: "NOERROR" });
  });

  it("its health can be asked for, once or for as long as one likes", async () => {
    const { client } = await start(true);
    const check = (service: string) => call(client, "/grpc.health.v1.Health/Check", ...HEALTH, { service });
    expect(await check("")).toMatchObject({ status: 1 });
    expect(await check("coredns.dns.DnsService")).toMatchObject({ status: 1 });
    await expect(check("nobody")).rejects.toMatchObject({ code: status.NOT_FOUND, details: "unknown service" });
    const first = (service: string): Promise<Fields> =>
      new Promise((resolve, reject) => {
        const stream = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", writer(messageOf(HEALTH[0])), reader(messageOf(HEALTH[1])), { service });
        stream.on("error", (error: ServiceError) => error.code !== status.CANCELLED && reject(error));
        stream.once("data", (value: Fields) => {
          stream.cancel();
          resolve(value);
        });
      });
    expect(await first("")).toMatchObject({ status: 1 });
    expect(await first("nobody")).toMatchObject({ status: 3 });
  });

  it.each(["v1", "v1alpha"])("shows its services and their files by reflection %s", async (version) => {
    const { client } = await start(true);
    const name = `grpc.reflection.${version}.ServerReflection`;
    const stream = client.makeBidiStreamRequest(`/${name}/ServerReflectionInfo`, writer(messageOf(`${name}Request`)), reader(messageOf(`${name}Response`)));
    const answers: { readonly case: string; readonly value: Fields }[] = [];
    const done = new Promise<void>((resolve, reject) => {
      stream.on("data", (value: Fields) => answers.push(value.messageResponse as (typeof answers)[number]));
      stream.on("end", () => resolve());
      stream.on("error", reject);
    });
    const requests = [
      { case: "listServices", value: "*" },
      { case: "fileContainingSymbol", value: "coredns.dns.DnsService" },
      { case: "fileByFilename", value: "grpc/health/v1/health.proto" },
      { case: "fileContainingSymbol", value: "nobody.Knows" },
    ];
    for (const messageRequest of requests) stream.write({ messageRequest } as never);
    stream.end();
    await done;
    const file = (i: number) => fromBinary(FileDescriptorProtoSchema, (answers[i].value.fileDescriptorProto as Uint8Array[])[0]);
    expect((answers[0].value.service as { readonly name: string }[]).map((service) => service.name)).toEqual(SERVICES);
    expect(file(1)).toMatchObject({ name: "dns.proto", package: "coredns.dns", service: [{ name: "DnsService", method: [{ name: "Query" }] }] });
    expect(file(2).service[0].method.map((method) => [method.name, method.serverStreaming])).toEqual([
      ["Check", false],
      ["Watch", true],
    ]);
    expect(answers[3]).toMatchObject({ case: "errorResponse", value: { errorCode: status.NOT_FOUND, errorMessage: 'symbol "nobody.Knows" not found' } });
  });

  it("a port that is taken keeps the cluster from starting, and nothing is left of it", async () => {
    const { cluster } = await start(true);
    await expect(startCluster({ nodes: 0, environment: "none", dns: { grpc: { port: cluster.grpcPort ?? 0, plaintext: true } } })).rejects.toThrow(
      /EADDRINUSE|bind/,
    );
  });
});

async function fetchJson(cluster: Cluster, path: string): Promise<unknown> {
  const { get } = await import("node:https");
  return new Promise((resolve, reject) => {
    get(cluster.url + path, { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}
