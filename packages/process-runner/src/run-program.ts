import { type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { endGroup } from './end-group.ts';
import { LineSplitter } from './line-splitter.ts';
import { OutputTail } from './output-tail.ts';
import type { ProgramLimits } from './program-limits.ts';
import type { LineSink, ProgramEnd, ProgramOutcome } from './program-runner.ts';
import { settleStreams } from './settle-streams.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ProgramLimits;
  readonly signal: AbortSignal;
}

const stderrTailBytes = 4096;

/** Runs one program to its end. See `ProgramRunner.run`. */
export async function runProgram(call: ProgramCall, onLine: LineSink): Promise<ProgramOutcome> {
  const { signal, limits } = call;
  if (signal.aborted) return neverRan('aborted');
  let child: Child;
  try {
    child = startInGroup(call);
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
  } catch (error) {
    return { ...neverRan('spawn-failed'), error: error as Error };
  }
  const pid = child.pid as number;
  let reason: ProgramEnd | undefined;
  let sinkFailure: { error: unknown } | undefined;
  const end = (because: ProgramEnd) => {
    if (reason !== undefined) return;
    reason = because;
    // Once reaped, the number may belong to somebody else.
    if (child.exitCode === null && child.signalCode === null) endGroup(pid);
  };
  const handOver = (line: string) => {
    try {
      if (onLine(line) === false) end('enough');
    } catch (error) {
      sinkFailure = { error };
      end('enough');
    }
  };

  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      // What the program left running in its group would otherwise live on with our pipes in its hands. The group's number
      // cannot belong to others yet: while it has members the kernel gives it to nobody, and the leader was reaped just now.
      endGroup(pid);
      resolve();
    });
  });
  const splitter = new LineSplitter(limits.maxLineBytes);
  let outputBytes = 0;
  let lineCount = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    if (reason !== undefined) return;
    const room = limits.maxOutputBytes - outputBytes;
    outputBytes += chunk.length;
    for (const line of splitter.push(chunk.subarray(0, room))) {
      if (++lineCount > limits.maxLines) end('line-limit');
      else handOver(line);
      if (reason !== undefined) return;
    }
    if (splitter.isTooLong) end('line-too-long');
    else if (outputBytes > limits.maxOutputBytes) end('output-limit');
  });
  const stderr = new OutputTail(stderrTailBytes);
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const timer = setTimeout(end, limits.timeoutMs, 'timeout');
  const onAbort = () => end('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await exited;
    // The program is gone: its time and its caller's patience no longer matter, what it wrote does.
    clearTimeout(timer);
    await settleStreams([child.stdout, child.stderr]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  if (child.signalCode !== null) end('killed');
  const lastLine = reason === undefined ? splitter.end() : undefined;
  if (lastLine !== undefined) {
    if (++lineCount > limits.maxLines) end('line-limit');
    else handOver(lastLine);
  }
  if (sinkFailure !== undefined) throw sinkFailure.error;
  return {
    reason: reason ?? 'exited',
    exitCode: child.exitCode,
    signal: child.signalCode,
    stderr: stderr.toString(),
  };
}

/**
 * A group and session of its own: a terminal's Ctrl-C does not reach it, and it can be ended as a whole. Whatever goes wrong is
 * thrown at once (an argument too long, a NUL) or comes as an `error` event of a child without a pid (no such program).
 */
function startInGroup({ program, args, env }: ProgramCall): Child {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  return spawn(program, args, { cwd: '/', env, detached: true, shell: false, stdio }) as Child;
}

function neverRan(reason: ProgramEnd): ProgramOutcome {
  return { reason, exitCode: null, signal: null, stderr: '' };
}
