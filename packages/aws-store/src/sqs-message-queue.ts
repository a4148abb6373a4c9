import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import type { Message, MessageQueue, ReceiveOptions } from '@pi-jobs/core';
import { awsErrorName, awsStatus, callAws } from './aws-errors.ts';

/** SQS takes this much and no more in one request. */
const LONGEST_VISIBILITY_SECONDS = 43_200;

/** Messages of an SQS queue; a dead letter is what its redrive policy has moved to the queue that it names. */
export class SqsMessageQueue implements MessageQueue {
  readonly #sqs: SQSClient;
  readonly #url: string;
  readonly #deadUrl: string | undefined;

  /** Without `deadUrl` there are no dead letters. */
  constructor(sqs: SQSClient, urls: { readonly url: string; readonly deadUrl?: string | undefined }) {
    this.#sqs = sqs;
    this.#url = urls.url;
    this.#deadUrl = urls.deadUrl;
  }

  async send(body: string): Promise<void> {
    const input = { QueueUrl: this.#url, MessageBody: body };
    await callAws('SendMessage', () => this.#sqs.send(new SendMessageCommand(input)));
  }

  async receive(options: ReceiveOptions): Promise<Message | undefined> {
    return this.#receive(this.#url, options);
  }

  async receiveDead(options: ReceiveOptions): Promise<Message | undefined> {
    return this.#deadUrl === undefined ? undefined : this.#receive(this.#deadUrl, options);
  }

  async #receive(
    url: string,
    { visibilitySeconds, waitSeconds = 0, signal }: ReceiveOptions,
  ): Promise<Message | undefined> {
    if (signal?.aborted === true) return undefined;
    const input = {
      QueueUrl: url,
      MaxNumberOfMessages: 1,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount' as const],
    };
    const options = signal === undefined ? {} : { abortSignal: signal };
    try {
      const answer = await callAws('ReceiveMessage', () =>
        this.#sqs.send(new ReceiveMessageCommand(input), options),
      );
      const [message] = answer.Messages ?? [];
      return message === undefined ? undefined : new ReceivedMessage(this.#sqs, url, message);
    } catch (error) {
      if (awsErrorName(error) === 'AbortError') return undefined;
      throw error;
    }
  }
}

class ReceivedMessage implements Message {
  readonly id: string;
  readonly body: string;
  readonly attempt: number;
  readonly #sqs: SQSClient;
  readonly #receipt: { readonly QueueUrl: string; readonly ReceiptHandle: string | undefined };

  constructor(sqs: SQSClient, url: string, message: SqsMessage) {
    this.id = message.MessageId ?? '';
    this.body = message.Body ?? '';
    this.attempt = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
    this.#sqs = sqs;
    this.#receipt = { QueueUrl: url, ReceiptHandle: message.ReceiptHandle };
  }

  async extend(seconds: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    const VisibilityTimeout = Math.min(LONGEST_VISIBILITY_SECONDS, Math.ceil(seconds));
    const input = { ...this.#receipt, VisibilityTimeout };
    const options = signal === undefined ? {} : { abortSignal: signal };
    return isStillOurs(
      callAws(
        'ChangeMessageVisibility',
        () => this.#sqs.send(new ChangeMessageVisibilityCommand(input), options),
        isRefusal,
      ),
    );
  }

  async acknowledge(): Promise<boolean> {
    const input = this.#receipt;
    return isStillOurs(
      callAws('DeleteMessage', () => this.#sqs.send(new DeleteMessageCommand(input)), isRefusal),
    );
  }

  async release(delaySeconds = 0): Promise<boolean> {
    return this.extend(delaySeconds);
  }
}

/** The receipt is not good any more: the message is somebody else's, is gone, or was held for the twelve hours that SQS allows. */
function isRefusal(error: unknown): boolean {
  const status = awsStatus(error);
  return status === 400 && !/Throttl|RequestExpired|AccessDenied/.test(awsErrorName(error));
}

async function isStillOurs(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
