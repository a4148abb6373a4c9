/**
 * A UUIDv7 begins with the milliseconds since 1970 at which it was made (RFC 9562, 5.7): ids in the order of their text are in the
 * order of their making, and an id stands for a moment.
 */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Sorts before every id made at `time` (milliseconds since 1970) or later, and after all made before. */
export function idAtTime(time: number): string {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
