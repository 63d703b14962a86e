import type { Log } from "../cluster/index.js";

/** Levels of --log-level, quietest first. */
export const LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

/** pino on stderr, or nothing at all; loaded only when something is to be logged. */
export async function createLog(level: string): Promise<Log | undefined> {
  if (level === "silent") return undefined;
  const { default: pino } = await import("pino");
  const logger = pino({ level }, pino.destination({ dest: 2, sync: false }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
