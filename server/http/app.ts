import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from "fastify";
import { isUpstreamResource } from "../../kinds/upstream.js";
import { parseDuration } from "../../kinds/time.js";
import { attributesOf } from "../auth/attributes.js";
import { isPrivileged } from "../auth/authorizer.js";
import { forbiddenBy } from "../auth/forbidden.js";
import { createImpersonation, impersonates, wantedUser } from "../auth/impersonation.js";
import type { Authenticator } from "../auth/tokens.js";
import { ApiError, badRequest, internalError, methodNotSupported, type Status, unauthorized } from "../errors.js";
import type { Services, UserInfo } from "../pipeline/types.js";
import { isRemote, serviceUnavailable } from "./aggregator.js";
import { keepContentType } from "./contenttype.js";
import { type DispatchServices, dispatch, missing } from "./dispatch.js";
import { type Accepted, negotiate } from "./negotiate.js";
import type { NonResource } from "./nonresource.js";
import { flag, parseQuery } from "./query.js";
import { type ParsedPath, parsePath } from "./requestinfo.js";
import { sendStatus } from "./respond.js";
import type { StreamClock } from "./watchstream.js";

export interface AppOptions {
  readonly services: Services;
  readonly clock: StreamClock;
  readonly authenticator: Authenticator;
  /** Documents outside the resources: version, health, discovery, OpenAPI. */
  readonly nonResource: NonResource;
  /** Key and certificate for TLS; absent in tests that speak to the app directly. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Hears of errors that are ours: every one is a bug. */
  onInternalError?(error: unknown, request: FastifyRequest): void;
}

/** kube-apiserver's MaxRequestBodyBytes. */
const BODY_LIMIT = 3 * 1024 * 1024;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

/**
 * The Fastify app: one route for everything, because the paths of an API server are data (kinds come and go) and not code.
 * Lifecycle of a request: body → authentication → impersonation → authorization → dispatch → answer; every error ends in `fail`.
 */
export function createApp(options: AppOptions): FastifyInstance & { closeStreams(): void } {
  const streams = new Set<() => void>();
  const server: DispatchServices = { services: options.services, clock: options.clock, streams };
  const admit = admission(options);
  const settings: FastifyServerOptions & { https?: object } = {
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    logger: false,
    forceCloseConnections: true,
    keepAliveTimeout: 180_000,
    routerOptions: {
      maxParamLength: 4096,
      // what net/http says to a path with a bad escape, before any handler sees it
      onBadUrl: (_path, _request, response) => {
        response.writeHead(400, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end("400 Bad Request");
      },
    },
    clientErrorHandler: (error, socket) => {
      // what net/http says to what is no HTTP
      if ((error as { code?: string }).code === "ECONNRESET" || socket.destroyed) return;
      socket.end("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request");
    },
    ...(options.tls ? { https: { ...options.tls, ALPNProtocols: ["http/1.1"] } } : {}),
  };
  const app = Fastify(settings) as FastifyInstance;
  app.decorateRequest("givenType", "");
  app.addHook("onRequest", (request, _reply, done) => {
    keepContentType(request);
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    // HTTP/1.1 keeps connections anyway, and Go says nothing of it
    reply.raw.removeHeader("connection");
    reply.header("audit-id", randomUUID()).header("cache-control", "no-cache, private");
    await serve(options, server, admit, request, reply);
    return reply;
  };
  app.route({ method: [...METHODS], url: "/*", handler: handle });
  // methods that Fastify does not route at all
  app.setNotFoundHandler(handle);
  app.setErrorHandler((error, request, reply) => fail(options, error, request, reply));
  return Object.assign(app, {
    closeStreams: () => {
      for (const stop of streams) stop();
    },
  });
}

/** Lets a request in as somebody, or throws 401 or 403. */
type Admit = (request: FastifyRequest, pathname: string, parsed: ParsedPath, query: URLSearchParams) => UserInfo;

function admission({ services: { authorizer }, authenticator }: AppOptions): Admit {
  const impersonate = createImpersonation(authorizer);
  return (request, pathname, parsed, query) => {
    const requestor = authenticator.header(request.headers.authorization);
    if (!requestor) throw unauthorized();
    const wanted = impersonates(request.headers) ? wantedUser(request.raw.rawHeaders) : undefined;
    // most requests: nobody need know what they are about
    if (!wanted && isPrivileged(requestor)) return requestor;
    const attributes = attributesOf(requestor, request.method, pathname, parsed, query);
    const user = wanted ? impersonate(attributes, wanted) : requestor;
    const asked = { ...attributes, user };
    const { allowed, reason } = authorizer.authorize(asked);
    if (!allowed) throw forbiddenBy(asked, reason);
    return user;
  };
}

/** The `timeout` of a request that ends by itself must be a duration. Source: endpoints/filters WithRequestDeadline, which stands before authentication. */
function checkTimeout(query: URLSearchParams, parsed: ParsedPath): void {
  const timeout = query.get("timeout");
  if (!timeout) return;
  if (parsed.type === "resource" && (parsed.path.watch || flag(query, "watch") === true)) return;
  try {
    parseDuration(timeout);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`);
  }
}

async function serve(options: AppOptions, server: DispatchServices, admit: Admit, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const at = request.url.indexOf("?");
  const pathname = at < 0 ? request.url : request.url.slice(0, at);
  const query = parseQuery(at < 0 ? "" : request.url.slice(at + 1));
  const parsed = parsePath(pathname);
  checkTimeout(query, parsed);
  const user = admit(request, pathname, parsed, query);
  if (parsed.type === "other") return options.nonResource({ pathname, parts: parsed.parts, query, request, reply });
  const { group, version, resource } = parsed.path;
  const { kinds, store } = options.services;
  const served = kinds.hasVersion(group, version);
  if (!served && isRemote(store, group, version)) return serviceUnavailable(reply);
  if (!kinds.hasGroup(group)) {
    if (isUpstreamResource(group, version, resource)) throw missing(parsed.path, resource);
    return plainNotFound(reply);
  }
  // HEAD and OPTIONS are routed by nobody upstream
  if (served && !["GET", "POST", "PUT", "PATCH", "DELETE"].includes(request.method)) throw methodNotSupported();
  return dispatch(server, user, parsed.path, query, request, reply);
}

/** What net/http answers where nothing is served. */
export async function plainNotFound(reply: FastifyReply): Promise<void> {
  reply.code(404).header("content-type", "text/plain; charset=utf-8").header("x-content-type-options", "nosniff").send("404 page not found\n");
}

async function fail(options: AppOptions, error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const known = error instanceof ApiError ? error : fromFastify(error);
  if (!known) options.onInternalError?.(error, request);
  const { status, headers } = known ?? internalError((error as Error).message);
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  await sendStatus(reply, status as Status, acceptedOrNone(request), headers);
}

/** Fastify's own refusals, in the API's words. */
function fromFastify(error: unknown): ApiError | undefined {
  const code = (error as { code?: string }).code;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new ApiError({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `Request entity too large: limit is ${BODY_LIMIT}`,
      reason: "RequestEntityTooLarge",
      code: 413,
    });
  if (typeof code === "string" && code.startsWith("FST_ERR_CTP")) return badRequest((error as Error).message);
  return undefined;
}

/** How the client reads an error; undefined where it accepts nothing we have. */
function acceptedOrNone(request: FastifyRequest): Accepted | undefined {
  try {
    return negotiate(request.headers.accept, { transforms: false, routed: false });
  } catch {
    return undefined;
  }
}
