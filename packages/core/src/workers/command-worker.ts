import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, type JobState, movesFrom } from '../job/job-state.ts';
import { planWorkerCommand, type WorkerPlan } from '../job/rules/worker-rules.ts';
import type { Command } from '../ports/job-store.ts';
import { type Worker, WorkerIdError, WorkerStateError } from '../ports/worker-slots.ts';
import { viewWorker } from './view-worker.ts';
import type { WorkerRecord } from './worker-record.ts';
import type { WorkerRegistry } from './worker-registry.ts';

const EFFECT_TIMEOUT_MS = 2_000;

export interface WorkerCommander {
  readonly registry: WorkerRegistry;
  /** Commands the digit job that the id was used for. */
  readonly commandJob: (worker: Worker, command: Command) => Promise<Worker>;
  /** Makes a transfer of this process look at once. */
  readonly wake: (workerId: string) => void;
}

/** Gives the command and waits until it is true, within 2 seconds. */
export async function commandWorker(
  { registry, commandJob, wake }: WorkerCommander,
  workerId: string,
  command: Command,
): Promise<Worker> {
  const deadline = performance.now() + EFFECT_TIMEOUT_MS;
  for (;;) {
    const worker = await mustRead(registry, workerId);
    if (worker.jobId !== null) return commandJob(worker, command);
    if (await request(registry, workerId, command)) break;
    if (performance.now() > deadline) {
      throw new WorkerStateError(worker.state, 'the job is not there yet', movesFrom(worker.state, 'client'));
    }
    await delay(registry.lookMs / 4);
  }
  wake(workerId);
  return waitUntil(registry, workerId, command);
}

/** False while the id's digit job is being created. */
async function request(registry: WorkerRegistry, workerId: string, command: Command): Promise<boolean> {
  let plan: WorkerPlan = { does: 'wait' };
  const found = await registry.update(workerId, (record) => {
    plan = planWorkerCommand(record, command);
    if (plan.does === 'refuse') throw refusal(record);
    return afterCommand(record, plan, command);
  });
  if (found === undefined) throw new WorkerIdError('no such worker id');
  return (plan as WorkerPlan).does !== 'wait';
}

function afterCommand(record: WorkerRecord, plan: WorkerPlan, command: Command): WorkerRecord | undefined {
  if (plan.does === 'end') return { ...record, state: 'terminated' };
  return plan.does === 'ask' ? { ...record, request: command } : undefined;
}

async function waitUntil(registry: WorkerRegistry, workerId: string, command: Command): Promise<Worker> {
  const deadline = performance.now() + EFFECT_TIMEOUT_MS;
  for (;;) {
    const worker = await mustRead(registry, workerId);
    if (worker.state === command || performance.now() > deadline) return worker;
    // What goes on may be done before anybody looks.
    if (command === 'running' && worker.state === 'completed') return worker;
    // It ended in another way before the command could take effect.
    if (isTerminal(worker.state)) throw refusal(worker);
    await delay(registry.lookMs / 4);
  }
}

function refusal({
  state,
  request,
}: {
  readonly state: JobState;
  readonly request?: Command | null;
}): WorkerStateError {
  const now = request === 'terminated' ? 'being terminated' : state;
  // What has not ended refuses all but its end: it was not begun, or somebody has asked for its end.
  return new WorkerStateError(state, `the work is ${now}`, isTerminal(state) ? [] : ['terminated']);
}

async function mustRead(registry: WorkerRegistry, workerId: string): Promise<Worker> {
  const known = await registry.read(workerId);
  if (known === undefined) throw new WorkerIdError('no such worker id');
  return viewWorker(known);
}
