import type { PutOptions } from '@pi-jobs/core';
import { awsErrorName, awsStatus } from './aws-errors.ts';

/** The headers that let S3 write only over what the writer has seen: `null` is nothing at all. */
export function conditionOf({ ifVersion }: PutOptions): { IfNoneMatch?: string; IfMatch?: string } {
  if (ifVersion === undefined) return {};
  return ifVersion === null ? { IfNoneMatch: '*' } : { IfMatch: ifVersion };
}

/** 412: the condition does not hold; 409: another conditional write is under way; 404: there is nothing that could match. */
export function isConflict(error: unknown): boolean {
  const status = awsStatus(error);
  return status === 412 || status === 409 || (status === 404 && awsErrorName(error) === 'NoSuchKey');
}
