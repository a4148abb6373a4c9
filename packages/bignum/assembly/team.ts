/**
 * Threads that run the same task on shared memory. The leader (rank 0) calls `fork`; every rank runs the task and meets the others
 * at barriers inside it. In `solo` mode a rank works alone: barriers cost nothing and `share` gives it everything.
 *
 * The other ranks join when they have started, in any order; until then the leader works without them. Buffers are laid out by the
 * number of ranks, so it changes between the leader's steps only, when it takes in those that have joined meanwhile. Tasks whose items
 * are claimed one by one can be open instead: whoever comes takes part, also while the leader is doing something else.
 */
import {
  BARRIER_COUNT,
  BARRIER_ROUND,
  GIVEN_UP,
  JOINED,
  NEXT_ITEM,
  OPEN_TASK,
  SLEEPERS,
  TASK_ARGUMENT,
  TASK_KIND,
  TASK_ROUND,
} from './memory-map';
import { runAsMember, runTask } from './tasks';

const SPINS: i32 = 20000;
const NAP_NANOSECONDS: i64 = 2000000;
/** TASK_ROUND is the number of ranks that are meant, at most MAX_RANKS, and above it the number of the task. */
const TASK_UNIT: i32 = 128;
/** In OPEN_TASK: the open task may be entered, and each rank that is in it. */
const IS_OPEN: i32 = 1;
const ENTERED: i32 = 2;

let memberRank: i32 = 0;
/** Ranks that take part, of those that there may be. */
let memberCount: i32 = 1;
let mostMembers: i32 = 1;
let solo: bool = false;
let alone: bool = true;

/** The leader's first call. */
export function leadTeam(threads: i32): void {
  mostMembers = threads;
}

/** Begins a step of the leader: from here on those are counted that have joined. Between tasks only. */
export function takeInJoined(): void {
  memberCount = atomic.load<i32>(JOINED) + 1;
  alone = solo || memberCount === 1;
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

/** Threads that the team will have when all have joined. */
export function threadCount(): usize {
  return <usize>mostMembers;
}

export function setSolo(on: bool): void {
  solo = on;
  alone = solo || memberCount === 1;
}

/** Where this rank's share of `count` items begins, in multiples of `unit`; the share ends where that of rank + 1 begins. */
export function shareStart(count: usize, unit: usize, ofRank: usize): usize {
  const units = (count + unit - 1) / unit;
  return min(count, ((units * ofRank) / ranks()) * unit);
}

/** Returns what it has changed to. */
function awaitChange(address: usize, seen: i32): i32 {
  for (let spin = 0; spin < SPINS; spin++) {
    const now = atomic.load<i32>(address);
    if (now !== seen) return now;
  }
  atomic.add<i32>(SLEEPERS, 1);
  let now = atomic.load<i32>(address);
  for (; now === seen; now = atomic.load<i32>(address)) {
    // Nobody could end a leader on the calling thread that waits for a rank that is no more.
    if (atomic.load<i32>(GIVEN_UP) !== 0) unreachable();
    atomic.wait<i32>(address, seen, NAP_NANOSECONDS);
  }
  atomic.sub<i32>(SLEEPERS, 1);
  return now;
}

function announce(address: usize, value: i32): void {
  atomic.store<i32>(address, value);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(address, -1);
}

export function barrier(): void {
  if (alone) return;
  const round = atomic.load<i32>(BARRIER_ROUND);
  if (atomic.add<i32>(BARRIER_COUNT, 1) === memberCount - 1) {
    atomic.store<i32>(BARRIER_COUNT, 0);
    announce(BARRIER_ROUND, round + 1);
  } else {
    awaitChange(BARRIER_ROUND, round);
  }
}

/** Runs a task on all ranks; returns when all are done. Leader only; a rank that works alone just runs it. */
export function fork(kind: i32, argument: usize): void {
  if (!alone) {
    setTask(kind, argument);
    announceTask(memberCount);
  }
  runTask(kind, argument);
  barrier();
}

function setTask(kind: i32, argument: usize): void {
  store<i32>(TASK_KIND, kind);
  store<usize>(TASK_ARGUMENT, argument);
}

function announceTask(forRanks: i32): void {
  const task = (atomic.load<i32>(TASK_ROUND) & -TASK_UNIT) + TASK_UNIT;
  announce(TASK_ROUND, task | forRanks);
}

/** Begins a task whose items are claimed, for all ranks that are there or come; the leader takes items itself when it likes. */
export function openTask(kind: i32, argument: usize): void {
  atomic.store<u32>(NEXT_ITEM, 0);
  if (mostMembers === 1) return;
  // In this order: who has just joined enters as soon as it is open, and who waits looks whether it is when it is announced.
  setTask(kind, argument);
  atomic.store<i32>(OPEN_TASK, IS_OPEN);
  announceTask(0);
}

/** When no item is left to claim: returns when the others have done theirs. */
export function closeTask(): void {
  for (let state = atomic.and<i32>(OPEN_TASK, ~IS_OPEN) & ~IS_OPEN; state !== 0; ) {
    state = awaitChange(OPEN_TASK, state);
  }
}

/** A rank that is not meant by number takes part if the task is open: until it leaves, kind and argument stay what they are. */
function enterOpenTask(): void {
  let state = atomic.load<i32>(OPEN_TASK);
  while ((state & IS_OPEN) !== 0) {
    const seen = atomic.cmpxchg<i32>(OPEN_TASK, state, state + ENTERED);
    if (seen === state) {
      runAsMember(load<i32>(TASK_KIND), load<usize>(TASK_ARGUMENT));
      atomic.sub<i32>(OPEN_TASK, ENTERED);
      if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(OPEN_TASK, -1);
      return;
    }
    state = seen;
  }
}

/** Before a task, not an open one, whose ranks claim items. */
export function resetItems(): void {
  atomic.store<u32>(NEXT_ITEM, 0);
}

/** The next unclaimed item of the running task. */
export function claimItem(): usize {
  return <usize>atomic.add<u32>(NEXT_ITEM, 1);
}

/** Joins and runs every task that counts on this rank: of any other, kind and argument may be those of the next one already. */
export function serveTeam(threads: i32): void {
  mostMembers = threads;
  let task = atomic.load<i32>(TASK_ROUND);
  memberRank = atomic.add<i32>(JOINED, 1) + 1;
  enterOpenTask();
  for (;;) {
    task = awaitChange(TASK_ROUND, task);
    memberCount = task & (TASK_UNIT - 1);
    if (memberRank >= memberCount) {
      enterOpenTask();
      continue;
    }
    setSolo(false);
    runAsMember(load<i32>(TASK_KIND), load<usize>(TASK_ARGUMENT));
    barrier();
  }
}

/** After a trap on a thread other than the leader: whoever waits for it traps as well. */
export function giveUp(): void {
  atomic.store<i32>(GIVEN_UP, 1);
}
