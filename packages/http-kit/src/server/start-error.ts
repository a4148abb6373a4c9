/** The service cannot start, for a reason that one sentence tells. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Why a server could not listen, for the person who started it. `portVariable` is the setting to change. */
export function listenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  portVariable: string | undefined,
): StartError {
  const where = `${host}:${port}`;
  const remedy =
    portVariable === undefined ? '' : `; set ${portVariable} to another port (0 picks a free one)`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `the port is already in use${remedy}`,
    EACCES: `this user may not use the port${remedy}`,
    EADDRNOTAVAIL: 'this machine does not have that address; set HOST to one that it has',
    ENOTFOUND: 'the host name is not known; set HOST to an address of this machine',
  };
  const reason = reasons[error.code ?? ''] ?? `the system answered ${error.code ?? 'with an error'}`;
  return new StartError(`cannot listen on ${where}: ${reason}`, { cause: error });
}
