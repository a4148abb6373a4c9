/**
 * Up to so many digits a caller that is free leads the computation itself: nothing has to start before it begins. It cannot be stopped but
 * between two steps, and up to here none of them takes more than a tenth of a second.
 */
const mostDigitsOfCaller = 1_400_000;

/** Who leads the threads of a computation: one of them, or the caller, who then is one of them. */
export function chooseLeader(digitCount: number, callerIsFree: boolean): 'worker' | 'caller' {
  return callerIsFree && digitCount <= mostDigitsOfCaller ? 'caller' : 'worker';
}
