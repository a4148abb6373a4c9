import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { type Faults, S3Gateway } from './s3-gateway.ts';

export type { Faults } from './s3-gateway.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** S3 and SQS on this machine: the emulator fauxqs, and before it a gateway that adds conditional writes and faults. */
export class LocalAws implements AsyncDisposable {
  readonly endpoint: string;
  readonly #gateway: S3Gateway;
  readonly #stop: () => Promise<void>;

  private constructor(endpoint: string, gateway: S3Gateway, stop: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#gateway = gateway;
    this.#stop = stop;
  }

  /** On a free port of the loopback unless told otherwise. */
  static async start(options: { readonly port?: number; readonly host?: string } = {}): Promise<LocalAws> {
    const emulator = await startFauxqs({ port: 0, logger: false });
    const gateway = new S3Gateway(`http://127.0.0.1:${emulator.port}`);
    const endpoint = await gateway.listen(options.port, options.host);
    return new LocalAws(endpoint, gateway, async () => {
      await gateway.close();
      await emulator.stop();
    });
  }

  /** Set `rate` to have requests go wrong. */
  get faults(): Faults {
    return this.#gateway.faults;
  }

  get injectedFaults(): number {
    return this.#gateway.injected;
  }

  /** The variables that lead the SDK here. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    };
  }

  s3(options: { readonly maxAttempts?: number } = {}): S3Client {
    return new S3Client({ ...this.s3Config, ...options });
  }

  /** What an S3 client needs to be led here. */
  get s3Config(): S3ClientConfig {
    return { ...this.#common(), forcePathStyle: true };
  }

  sqs(): SQSClient {
    return new SQSClient({ ...this.#common(), useQueueUrlAsEndpoint: false });
  }

  async createBucket(name: string): Promise<string> {
    await this.s3().send(new CreateBucketCommand({ Bucket: name }));
    return name;
  }

  /** A queue, and one for what was delivered `maxReceiveCount` times. */
  async createQueues(
    name: string,
    maxReceiveCount: number,
  ): Promise<{ readonly url: string; readonly deadUrl: string }> {
    const sqs = this.sqs();
    const { QueueUrl: deadUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
    );
    const policy = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount };
    const attributes = { RedrivePolicy: JSON.stringify(policy) };
    const { QueueUrl: url = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
    );
    return { url, deadUrl };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  #common() {
    return { endpoint: this.endpoint, region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 12 };
  }
}
