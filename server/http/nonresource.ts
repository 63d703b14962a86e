import type { FastifyReply, FastifyRequest } from "fastify";

export interface NonResourceRequest {
  readonly pathname: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Serves everything outside the resources: `/`, `/version`, health, `/metrics`, discovery, OpenAPI. Answers 404 for what it does not know. */
export type NonResource = (request: NonResourceRequest) => Promise<void>;
