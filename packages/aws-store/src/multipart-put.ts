import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type PutOptions, StoreUnavailableError } from '@pi-jobs/core';
import { awsErrorName, callAws } from './aws-errors.ts';
import { conditionOf, isConflict } from './write-conditions.ts';

/** One large object on its way up, part by part. Nobody sees it before `complete`. */
export class MultipartPut {
  readonly #s3: S3Client;
  readonly #target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
  readonly #options: PutOptions;

  private constructor(
    s3: S3Client,
    target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
    options: PutOptions,
  ) {
    this.#s3 = s3;
    this.#target = target;
    this.#options = options;
  }

  static async begin(s3: S3Client, bucket: string, key: string, options: PutOptions): Promise<MultipartPut> {
    const { contentType } = options;
    const input = {
      Bucket: bucket,
      Key: key,
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    };
    const { UploadId } = await callAws('CreateMultipartUpload', () =>
      s3.send(new CreateMultipartUploadCommand(input)),
    );
    if (UploadId === undefined) throw new StoreUnavailableError('CreateMultipartUpload gave no id');
    return new MultipartPut(s3, { Bucket: bucket, Key: key, UploadId }, options);
  }

  /** Parts count from 1. */
  async putPart(number: number, bytes: Uint8Array): Promise<CompletedPart> {
    const input = { ...this.#target, PartNumber: number, Body: bytes };
    const { ETag } = await callAws('UploadPart', () => this.#s3.send(new UploadPartCommand(input)));
    return { PartNumber: number, ETag };
  }

  /**
   * Makes the parts one object. False when the upload is not there: it was given up by somebody else, or an earlier attempt whose answer
   * was lost has made it the object already.
   */
  async complete(parts: CompletedPart[]): Promise<boolean> {
    const input = { ...this.#target, ...conditionOf(this.#options), MultipartUpload: { Parts: parts } };
    const isAnswer = (error: unknown): boolean => isConflict(error) || isGone(error);
    try {
      const send = () => this.#s3.send(new CompleteMultipartUploadCommand(input));
      await callAws('CompleteMultipartUpload', send, isAnswer);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Gives the parts up. What cannot be given up now costs room until the bucket's lifecycle rule removes it. */
  async abort(): Promise<void> {
    await this.#s3.send(new AbortMultipartUploadCommand(this.#target)).catch(() => undefined);
  }
}

function isGone(error: unknown): boolean {
  return awsErrorName(error) === 'NoSuchUpload';
}
