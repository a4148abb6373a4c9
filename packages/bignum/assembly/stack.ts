/** Each thread's own memory, taken from the bottom and given back in reverse order. */

let top: usize = 0;
let limit: usize = 0;
/** The end of what was ever allocated. */
let highest: usize = 0;

/** Blocks end in slack: vector loads may run past the end of a number. */
const SLACK: usize = 128;

export function setStack(from: usize, to: usize): void {
  top = (from + 63) & ~(<usize>63);
  limit = to;
  if (top > highest) highest = top;
}

/** `bytes` of memory at a multiple of 64, with readable slack behind; traps when the budget is used up. */
export function allocate(bytes: usize): usize {
  const block = top;
  top += (bytes + SLACK + 63) & ~(<usize>63);
  if (top > limit) unreachable();
  if (top > highest) highest = top;
  return block;
}

export function stackTop(): usize {
  return top;
}

export function stackLimit(): usize {
  return limit;
}

export function highestTop(): usize {
  return highest;
}

/** Gives back everything allocated since `stackTop()` returned `mark`. */
export function release(mark: usize): void {
  top = mark;
}

/** The stack ends at `to` from now on, at a multiple of 64, up to which numbers were placed by hand. */
export function setTop(to: usize): void {
  if (to > limit) unreachable();
  top = to;
  if (top > highest) highest = top;
}
