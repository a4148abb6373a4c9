/** Bytes of a JSON body when a route names no limit: 100 KiB. */
export const defaultJsonLimitBytes = 102_400;

/** How long a JSON body may take to arrive, in milliseconds. Streamed bodies have no such limit: they may be paused for long. */
export const jsonBodyTimeoutMs = 30_000;
