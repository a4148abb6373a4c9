import { availableParallelism, totalmem } from 'node:os';

/** How many threads can compute at once. */
export function availableThreads(): number {
  return availableParallelism();
}

/** Bytes of memory that a computation may count on: the machine's, or less where a container allows less. */
export function machineMemoryBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** The operating system, its page cache and the other services need the rest. */
const usableShare = 0.85;

/** Bytes that all computations on this machine may take together. */
export function usableMemoryBytes(): number {
  return machineMemoryBytes() * usableShare;
}
