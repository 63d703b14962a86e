/** What a driver says when it will not: a code of gRPC and a text. Source: google.golang.org/grpc/status, external-resizer pkg/util/util.go. */

export type GrpcCode =
  | "Canceled"
  | "InvalidArgument"
  | "DeadlineExceeded"
  | "NotFound"
  | "ResourceExhausted"
  | "FailedPrecondition"
  | "Aborted"
  | "OutOfRange"
  | "Internal"
  | "Unavailable";

/** The operation may still be under way behind these. */
const UNCERTAIN: ReadonlySet<GrpcCode> = new Set<GrpcCode>(["Canceled", "DeadlineExceeded", "Unavailable", "ResourceExhausted", "Aborted"]);
const INFEASIBLE: ReadonlySet<GrpcCode> = new Set<GrpcCode>(["InvalidArgument", "OutOfRange", "NotFound"]);

/** A call of a driver that failed; its message reads as gRPC's. */
export class DriverError extends Error {
  constructor(
    readonly code: GrpcCode,
    /** The driver's own words. */
    readonly description: string,
  ) {
    super(`rpc error: code = ${code} desc = ${description}`);
  }
  /** Nothing is under way any more. What is no driver's error says nothing about that. */
  static isFinal = (error: unknown): boolean => error instanceof DriverError && !UNCERTAIN.has(error.code);
  /** To ask again for the same will not help. */
  static isInfeasible = (error: unknown): boolean => error instanceof DriverError && INFEASIBLE.has(error.code);
}
