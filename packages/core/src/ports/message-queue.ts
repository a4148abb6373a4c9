/** One delivery of a message. It is this receiver's alone until the visibility time is over; then it is delivered again. */
export interface Message {
  /** The same at every delivery. */
  readonly id: string;
  readonly body: string;
  /** Which delivery this is, counted from 1. A store may count one too many or too few. */
  readonly attempt: number;
  /** Keeps it for `seconds` from now on. False when it is no longer this receiver's, as far as the store can tell; rejects when `signal` fires first. */
  extend(seconds: number, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** The work is done: it is never delivered again. False when it was somebody else's already, as far as the store can tell. */
  acknowledge(): Promise<boolean>;
  /** Gives it back, to be delivered again after `delaySeconds`. False as in `extend`. */
  release(delaySeconds?: number): Promise<boolean>;
}

export interface ReceiveOptions {
  /** How long the message is this receiver's, at least 1 second; `extend` makes it longer. */
  readonly visibilitySeconds: number;
  /** How long to wait for one when there is none, 0 by default, at most 20. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Messages for whoever comes first. Each is delivered at least once, oldest first as far as the store can tell, to one receiver at a
 * time; so what a receiver does must be right when it is done again. A message that was delivered too often without an end is put
 * aside as a dead letter.
 *
 * Every method rejects with a `StoreUnavailableError`, or on a file system with the system's error, when the store does not do its part.
 */
export interface MessageQueue {
  /** Durable when it resolves. At most 64 KiB of UTF-8. */
  send(body: string): Promise<void>;
  /** Undefined when none came in time, or when `signal` fired. */
  receive(options: ReceiveOptions): Promise<Message | undefined>;
  /** The same for messages that were put aside. */
  receiveDead(options: ReceiveOptions): Promise<Message | undefined>;
}
