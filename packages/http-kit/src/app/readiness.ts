/** Each rejects or throws when the service should get no traffic. */
export type ReadinessChecks = Readonly<Record<string, () => unknown>>;

export interface FailedCheck {
  readonly name: string;
  readonly error: unknown;
}

const checkTimeoutMs = 2_000;

/** Runs all checks at once; the failed ones in the order of their definition. */
export async function runReadinessChecks(checks: ReadinessChecks): Promise<FailedCheck[]> {
  const results = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)));
  return results.filter((result) => result !== undefined);
}

async function runCheck(name: string, check: () => unknown): Promise<FailedCheck | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(check), timeout]);
    return undefined;
  } catch (error) {
    return { name, error };
  } finally {
    clearTimeout(timer);
  }
}
