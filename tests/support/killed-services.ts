import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName, ServiceOptions, ServiceProcess } from './service-process.ts';
import type { System } from './system.ts';

/**
 * Several processes of one service on one volume, of which a random one is killed now and then and replaced, wherever in its work,
 * or in its start, that meets it.
 */
export class KilledServices {
  readonly #system: System;
  readonly #name: ServiceName;
  readonly #options: ServiceOptions;
  readonly #services: ServiceProcess[];
  #kills = 0;

  private constructor(
    system: System,
    name: ServiceName,
    options: ServiceOptions,
    services: ServiceProcess[],
  ) {
    this.#system = system;
    this.#name = name;
    this.#options = options;
    this.#services = services;
  }

  static async start(
    system: System,
    name: ServiceName,
    count: number,
    options: ServiceOptions = {},
  ): Promise<KilledServices> {
    const services = await Promise.all(Array.from({ length: count }, () => system.start(name, options)));
    return new KilledServices(system, name, options, services);
  }

  get kills(): number {
    return this.#kills;
  }

  /** The URL of one that listened a moment ago; waits until there is one. */
  async anyUrl(): Promise<string> {
    for (;;) {
      const listening = this.#services.filter(({ url, isRunning }) => url !== '' && isRunning);
      const chosen = listening[Math.floor(Math.random() * listening.length)];
      if (chosen !== undefined) return chosen.url;
      await sleep(10);
    }
  }

  /** Kills one, which may be starting, and starts another in its place without waiting for it. */
  killOne(): void {
    const slot = Math.floor(Math.random() * this.#services.length);
    this.#services[slot]?.signal('SIGKILL');
    this.#kills += 1;
    this.#services[slot] = this.#system.launch(this.#name, this.#options);
    this.#services[slot]?.whenListening().catch(() => undefined);
  }

  /** Waits until all of them listen. */
  async settle(): Promise<readonly ServiceProcess[]> {
    while (this.#services.some(({ url }) => url === '')) await sleep(20);
    return this.#services;
  }
}
