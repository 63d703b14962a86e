import { create, createFileRegistry, type DescMessage, type FileRegistry, toBinary } from "@bufbuild/protobuf";
import {
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";

// The services as .proto files have them, so that messages are read and written by their descriptors and reflection shows just those.

const SCALARS: Readonly<Record<string, Type>> = { string: Type.STRING, bytes: Type.BYTES, int32: Type.INT32 };

/** `name number type`, with `*` behind the type of a repeated one and `?oneof` behind that of one of several. Messages and enums begin with a dot. */
type Field = string;

interface File {
  readonly name: string;
  readonly package: string;
  readonly messages: Readonly<Record<string, readonly Field[]>>;
  /** Of a message: values by name, from 0. */
  readonly enums?: Readonly<Record<string, readonly [name: string, values: readonly string[]]>>;
  readonly service: string;
  /** `request response`, with `*` behind a stream. */
  readonly methods: Readonly<Record<string, string>>;
}

const reflection = (version: string): File => ({
  name: `grpc/reflection/${version}/reflection.proto`,
  package: `grpc.reflection.${version}`,
  messages: {
    ServerReflectionRequest: [
      "host 1 string",
      "file_by_filename 3 string?message_request",
      "file_containing_symbol 4 string?message_request",
      "file_containing_extension 5 .ExtensionRequest?message_request",
      "all_extension_numbers_of_type 6 string?message_request",
      "list_services 7 string?message_request",
    ],
    ExtensionRequest: ["containing_type 1 string", "extension_number 2 int32"],
    ServerReflectionResponse: [
      "valid_host 1 string",
      "original_request 2 .ServerReflectionRequest",
      "file_descriptor_response 4 .FileDescriptorResponse?message_response",
      "all_extension_numbers_response 5 .ExtensionNumberResponse?message_response",
      "list_services_response 6 .ListServiceResponse?message_response",
      "error_response 7 .ErrorResponse?message_response",
    ],
    FileDescriptorResponse: ["file_descriptor_proto 1 bytes*"],
    ExtensionNumberResponse: ["base_type_name 1 string", "extension_number 2 int32*"],
    ListServiceResponse: ["service 1 .ServiceResponse*"],
    ServiceResponse: ["name 1 string"],
    ErrorResponse: ["error_code 1 int32", "error_message 2 string"],
  },
  service: "ServerReflection",
  methods: { ServerReflectionInfo: "ServerReflectionRequest* ServerReflectionResponse*" },
});

/** Sources: CoreDNS pb/dns.proto; grpc/health/v1/health.proto; grpc/reflection/v1 and v1alpha. */
const FILES: readonly File[] = [
  { name: "dns.proto", package: "coredns.dns", messages: { DnsPacket: ["msg 1 bytes"] }, service: "DnsService", methods: { Query: "DnsPacket DnsPacket" } },
  {
    name: "grpc/health/v1/health.proto",
    package: "grpc.health.v1",
    messages: { HealthCheckRequest: ["service 1 string"], HealthCheckResponse: ["status 1 #.HealthCheckResponse.ServingStatus"] },
    enums: { HealthCheckResponse: ["ServingStatus", ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]] },
    service: "Health",
    methods: { Check: "HealthCheckRequest HealthCheckResponse", Watch: "HealthCheckRequest HealthCheckResponse*" },
  },
  reflection("v1"),
  reflection("v1alpha"),
];

function fieldOf(pkg: string, field: Field, oneofs: readonly string[]) {
  const [, name, number, isEnum, type, repeated, oneof] = /^(\w+) (\d+) (#?)([\w.]+)(\*?)(?:\?(\w+))?$/.exec(field) ?? [];
  const named = type.startsWith(".");
  return {
    name,
    jsonName: name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    number: Number(number),
    label: repeated ? Label.REPEATED : Label.OPTIONAL,
    type: named ? (isEnum ? Type.ENUM : Type.MESSAGE) : SCALARS[type],
    typeName: named ? `.${pkg}${type}` : "",
    ...(oneof ? { oneofIndex: oneofs.indexOf(oneof) } : {}),
  } satisfies Partial<FieldDescriptorProto>;
}

function fileOf({ name, package: pkg, messages, enums = {}, service, methods }: File): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name,
    package: pkg,
    syntax: "proto3",
    messageType: Object.entries(messages).map(([message, fields]) => {
      const oneofs = [...new Set(fields.flatMap((field) => field.split("?")[1] ?? []))];
      const [enumName, values] = enums[message] ?? [];
      return {
        name: message,
        field: fields.map((field) => fieldOf(pkg, field, oneofs)),
        oneofDecl: oneofs.map((oneof) => ({ name: oneof })),
        enumType: values ? [{ name: enumName, value: values.map((value, number) => ({ name: value, number })) }] : [],
      };
    }),
    service: [
      {
        name: service,
        method: Object.entries(methods).map(([method, types]) => {
          const [input, output] = types.split(" ");
          const type = (text: string): string => `.${pkg}.${text.replace("*", "")}`;
          return {
            name: method,
            inputType: type(input),
            outputType: type(output),
            clientStreaming: input.endsWith("*"),
            serverStreaming: output.endsWith("*"),
          };
        }),
      },
    ],
  });
}

const protos = FILES.map(fileOf);

export const registry: FileRegistry = createFileRegistry(create(FileDescriptorSetSchema, { file: protos }));

/** The descriptor of a message of these files. */
export function messageOf(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`no message ${name}`);
  return found;
}

/** The names of all services, in the order of the alphabet. */
export const SERVICES: readonly string[] = FILES.map((file) => `${file.package}.${file.service}`).sort();

/** A file by its name, as FileDescriptorProto; undefined when there is none. */
export function fileNamed(name: string): Uint8Array | undefined {
  const proto = protos.find((file) => file.name === name);
  return proto && toBinary(FileDescriptorProtoSchema, proto);
}

/** The file a service, method, message, field or enum is in. */
export function fileContaining(symbol: string): Uint8Array | undefined {
  const file = protos.find(({ package: pkg, messageType, service }) => {
    const names = [
      ...messageType.flatMap(({ name, field, enumType }) => [
        name,
        ...field.map((one) => `${name}.${one.name}`),
        ...enumType.map((one) => `${name}.${one.name}`),
      ]),
      ...service.flatMap(({ name, method }) => [name, ...method.map((one) => `${name}.${one.name}`)]),
    ];
    return names.some((name) => symbol === `${pkg}.${name}`);
  });
  return file && fileNamed(file.name);
}
