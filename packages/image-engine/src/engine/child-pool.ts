import { ImageChild } from './image-child.ts';

export interface ChildPoolOptions {
  /** Threads that libvips may use in each child, at least 1. */
  readonly threads: number;
  /** Jobs after which a child makes room for a fresh one, at least 1. */
  readonly maxJobsPerChild: number;
  /** Resident bytes after a job beyond which a child is not kept. */
  readonly recycleRssBytes: number;
}

/** Warm children between jobs. Started when one is wanted and none is idle, so there are never more than jobs at once. */
export class ChildPool {
  readonly #options: ChildPoolOptions;
  readonly #idle: ImageChild[] = [];
  readonly #busy = new Set<ImageChild>();

  constructor(options: ChildPoolOptions) {
    this.#options = options;
  }

  /** Ids of the living children, those at work first. */
  get pids(): number[] {
    return [...this.#busy, ...this.#idle].filter(({ isAlive }) => isAlive).flatMap(({ pid }) => pid ?? []);
  }

  take(): ImageChild {
    let child = this.#idle.pop();
    while (child && !child.isAlive) child = this.#idle.pop();
    child ??= new ImageChild(this.#options.threads);
    this.#busy.add(child);
    return child;
  }

  /** Takes a child back after its job, or ends it where it has served its time or grown too large. */
  async giveBack(child: ImageChild): Promise<void> {
    const { maxJobsPerChild, recycleRssBytes } = this.#options;
    this.#busy.delete(child);
    if (!child.isAlive) return;
    if (child.jobsDone >= maxJobsPerChild || child.rssBytes > recycleRssBytes) await child.kill();
    else this.#idle.push(child);
  }

  /** Ends the idle children; those at work are their jobs' to end. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((child) => child.kill()));
  }
}
