/** What the calculators that live now can take on, as they tell themselves. */
export interface Capacity {
  /** The largest `num` that one of them has the memory for; undefined while none has told. */
  mostDigits(): Promise<number | undefined>;
}
