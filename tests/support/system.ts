import { onTestFinished } from 'vitest';
import { type ServiceName, type ServiceOptions, ServiceProcess } from './service-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * The services on one volume. Whatever a test starts is killed when the test ends.
 *
 *     const system = await System.create();
 *     const jobApi = await system.start('job-api');
 *     await jobApi.kill();
 */
export class System {
  readonly dataDir: string;
  readonly #services: ServiceProcess[] = [];

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
    onTestFinished(async () => {
      await Promise.all(this.#services.map((service) => service.kill()));
    });
  }

  /** On a new folder, or on one that the test has made. */
  static async create(dataDir?: string): Promise<System> {
    return new System(dataDir ?? (await temporaryFolder()));
  }

  /** Starts a service and waits until it listens. */
  async start(name: ServiceName, options: ServiceOptions = {}): Promise<ServiceProcess> {
    const service = this.launch(name, options);
    await service.whenListening();
    return service;
  }

  /** Starts a service that may be killed before it listens. */
  launch(name: ServiceName, options: ServiceOptions = {}): ServiceProcess {
    const service = ServiceProcess.launch(name, this.dataDir, options);
    this.#services.push(service);
    return service;
  }

  /** All three, the Job API knowing where the others are. */
  async startAll(options: ServiceOptions = {}) {
    const [calculator, downloadApi] = await Promise.all([
      this.start('pi-calculator', options),
      this.start('download-api', options),
    ]);
    const env = {
      PI_CALCULATOR_URL: calculator.url,
      DOWNLOAD_API_URL: downloadApi.url,
      ...options.env,
    };
    const jobApi = await this.start('job-api', { ...options, env });
    return { jobApi, calculator, downloadApi };
  }
}
