/** Addresses of what threads tell each other; the same as in assembly/memory-map.ts. */
export const TASK_ROUND = 1216;
export const TASK_KIND = 1280;
export const JOINED = 1352;
export const GIVEN_UP = 1360;
