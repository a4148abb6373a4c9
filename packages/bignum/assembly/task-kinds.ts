/** What a team can be asked to do. */
export const TASK_TWIDDLES: i32 = 1;
export const TASK_PRODUCT: i32 = 2;
export const TASK_SUBTREES: i32 = 3;
export const TASK_CONVERT: i32 = 4;
