import type { Request } from 'express';
import type { Logger } from 'pino';
import type { ProblemDocument } from '../problems/render-problem.ts';
import type { HostNames } from '../requests/host-names.ts';
import type { RouteTable } from '../routes/route-table.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { createRequestMetrics } from './metrics.ts';

/** More members for a problem's JSON object. */
export type ExtendProblem = (
  req: Request,
  problem: ProblemDocument,
) => Readonly<Record<string, unknown>> | undefined;

/** Everything that answering one request needs. */
export interface AppParts {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly hostNames: HostNames;
  readonly table: RouteTable;
  readonly metrics: ReturnType<typeof createRequestMetrics>;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly extendProblem: ExtendProblem | undefined;
  readonly checkReplies: boolean;
}
