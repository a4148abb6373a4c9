import { ContentInspector } from '../content/content-inspector.ts';
import { FileExchangeError } from '../file-exchange-error.ts';
import { checkFileName, extensionOf } from './check-file-name.ts';

export const DEFAULT_EXTENSIONS: readonly string[] = [
  'txt',
  'rtf',
  'doc',
  'docx',
  'xls',
  'xlsx',
  'pdf',
  'png',
  'jpg',
  'jpeg',
  'gif',
  'csv',
];

export interface UploadRulesOptions {
  /** Extensions without the dot, in any case. */
  readonly allowedExtensions?: readonly string[];
  /** Largest file in bytes. */
  readonly maxBytes: number;
}

/** What may come in, whatever the files are kept in. Every adapter asks it. */
export class UploadRules {
  readonly maxBytes: number;
  readonly #extensions: ReadonlySet<string>;

  constructor(options: UploadRulesOptions) {
    this.maxBytes = options.maxBytes;
    this.#extensions = new Set(
      (options.allowedExtensions ?? DEFAULT_EXTENSIONS).map((extension) => extension.toLowerCase()),
    );
  }

  get allowedExtensions(): readonly string[] {
    return [...this.#extensions];
  }

  /** Throws unless a file of this name and announced size may be uploaded. */
  checkAnnounced(name: string, declaredSize: number | undefined): void {
    checkFileName(name);
    const extension = extensionOf(name);
    if (extension === undefined)
      throw new FileExchangeError('missing_extension', 'The file name has no extension.');
    if (!this.#extensions.has(extension)) {
      const allowed = this.allowedExtensions.join(', ');
      throw new FileExchangeError(
        'extension_not_allowed',
        `Files of type .${extension} are not allowed; allowed are ${allowed}.`,
      );
    }
    this.checkSize(declaredSize ?? 0);
  }

  checkSize(bytes: number): void {
    if (bytes > this.maxBytes)
      throw new FileExchangeError('too_large', `The file is larger than ${this.maxBytes} bytes.`);
  }

  /** Something to show the file's bytes to as they come. The name must have passed `checkAnnounced`. */
  inspectorFor(name: string): ContentInspector {
    return new ContentInspector(extensionOf(name) ?? '');
  }
}
