/**
 * Threads that run the same task on shared memory. The leader (rank 0) calls `fork`; every rank runs the task and meets the others
 * at barriers inside it. In `solo` mode a rank works alone: barriers cost nothing and `share` gives it everything.
 */
import {
  BARRIER_COUNT,
  BARRIER_ROUND,
  NEXT_ITEM,
  SLEEPERS,
  TASK_ARGUMENT,
  TASK_KIND,
  TASK_ROUND,
} from './memory-map';
import { TASK_QUIT } from './task-kinds';
import { runTask } from './tasks';

const SPINS: i32 = 20000;
const NAP_NANOSECONDS: i64 = 2000000;

let memberRank: i32 = 0;
let memberCount: i32 = 1;
let alone: bool = true;

export function joinTeam(rank: i32, count: i32): void {
  memberRank = rank;
  memberCount = count;
  alone = count === 1;
}

/** Which of the `ranks()` shares is this thread's. */
export function rank(): usize {
  return alone ? 0 : <usize>memberRank;
}

export function ranks(): usize {
  return alone ? 1 : <usize>memberCount;
}

/** This thread's number in the team, also while it works alone. */
export function threadNumber(): usize {
  return <usize>memberRank;
}

export function threadCount(): usize {
  return <usize>memberCount;
}

export function setSolo(solo: bool): void {
  alone = solo || memberCount === 1;
}

/** Where this rank's share of `count` items begins, in multiples of `unit`; the share ends where that of rank + 1 begins. */
export function shareStart(count: usize, unit: usize, ofRank: usize): usize {
  const units = (count + unit - 1) / unit;
  return min(count, ((units * ofRank) / ranks()) * unit);
}

function awaitChange(address: usize, seen: i32): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (atomic.load<i32>(address) !== seen) return;
  }
  atomic.add<i32>(SLEEPERS, 1);
  while (atomic.load<i32>(address) === seen) atomic.wait<i32>(address, seen, NAP_NANOSECONDS);
  atomic.sub<i32>(SLEEPERS, 1);
}

function announce(address: usize): void {
  atomic.add<i32>(address, 1);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(address, -1);
}

export function barrier(): void {
  if (alone) return;
  const round = atomic.load<i32>(BARRIER_ROUND);
  if (atomic.add<i32>(BARRIER_COUNT, 1) === memberCount - 1) {
    atomic.store<i32>(BARRIER_COUNT, 0);
    announce(BARRIER_ROUND);
  } else {
    awaitChange(BARRIER_ROUND, round);
  }
}

/** Runs a task on all ranks; returns when all are done. Leader only; a rank that works alone just runs it. */
export function fork(kind: i32, argument: usize): void {
  if (!alone) {
    store<i32>(TASK_KIND, kind);
    store<usize>(TASK_ARGUMENT, argument);
    announce(TASK_ROUND);
  }
  runTask(kind, argument);
  barrier();
}

/** Before a task whose ranks claim items. */
export function resetItems(): void {
  atomic.store<u32>(NEXT_ITEM, 0);
}

/** The next unclaimed item of the running task. */
export function claimItem(): usize {
  return <usize>atomic.add<u32>(NEXT_ITEM, 1);
}

/** What every rank but the leader does until the team is dismissed. */
export function serve(): void {
  let round = 0;
  for (;;) {
    awaitChange(TASK_ROUND, round);
    round++;
    const kind = load<i32>(TASK_KIND);
    if (kind === TASK_QUIT) return;
    runTask(kind, load<usize>(TASK_ARGUMENT));
    barrier();
  }
}

export function dismiss(): void {
  if (memberCount === 1) return;
  store<i32>(TASK_KIND, TASK_QUIT);
  announce(TASK_ROUND);
}
