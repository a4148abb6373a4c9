import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Method = string;

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<Method, Operation>>>>;
}

export interface CheckedAnswer<Body = unknown> {
  /** As the document has it: `GET /jobs/{id}`. */
  readonly operation: string;
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON, and undefined where the answer is none. */
  readonly body: Body;
}

/** What one running service says of itself, and whether what it answers is that. */
export class ApiContract {
  readonly url: string;
  readonly #document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #seen = new Map<string, Set<string>>();

  private constructor(url: string, document: Document) {
    this.url = url;
    this.#document = document;
    formats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'api', ...document });
  }

  static async of(service: { readonly url: string }): Promise<ApiContract> {
    return new ApiContract(
      service.url,
      (await (await fetch(`${service.url}/openapi.json`)).json()) as Document,
    );
  }

  /** `GET /jobs/{id}` of every documented operation. */
  get operations(): readonly string[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Documented statuses of each operation that no checked answer had, `default` apart: `GET /jobs/{id} 404`. */
  get unseen(): readonly string[] {
    return this.operations.flatMap((operation) =>
      Object.keys(this.#find(operation).responses)
        .filter((status) => status !== 'default' && !this.#seen.get(operation)?.has(status))
        .map((status) => `${operation} ${status}`),
    );
  }

  /**
   * Makes a request and holds it and its answer against the document; throws with every difference. What the test looks into, `Body`,
   * is its own claim.
   */
  async ask<Body>(
    target: string,
    init: RequestInit & { readonly json?: unknown } = {},
  ): Promise<CheckedAnswer<Body>> {
    const { json, ...rest } = init;
    const body = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
    const request = new Request(this.url + target, { redirect: 'manual', ...body, ...rest });
    if (json !== undefined) request.headers.set('content-type', 'application/json');
    return (await this.check(request, await fetch(request.clone()))) as CheckedAnswer<Body>;
  }

  /** Holds a request and its answer, which is read to its end, against the document. */
  async check(request: Request, response: Response): Promise<CheckedAnswer> {
    const { pathname, searchParams } = new URL(request.url);
    const operation = this.#match(request.method, pathname);
    const here = `${request.method} ${pathname} ${response.status}`;
    if (operation === undefined) throw new Error(`${here}: not in the document`);
    const { parameters = [], responses } = this.#find(operation);
    for (const name of searchParams.keys()) {
      if (!parameters.some((one) => one.in === 'query' && one.name === name))
        throw new Error(`${here}: the query parameter ${name} is not in the document`);
    }
    const text = await response.text();
    const status = responses[response.status] === undefined ? 'default' : String(response.status);
    if (status === 'default' && response.status < 400)
      throw new Error(`${here}: no such answer is documented`);
    this.#seen.set(operation, (this.#seen.get(operation) ?? new Set()).add(status));
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const body = type.endsWith('json') && text !== '' ? (JSON.parse(text) as unknown) : undefined;
    this.#checkContent(here, operation, { status, type, text, body });
    const { ok, status: code, headers } = response;
    return { operation, ok, status: code, headers, text, body };
  }

  #checkContent(
    here: string,
    operation: string,
    answer: { readonly status: string; readonly type: string; readonly text: string; readonly body: unknown },
  ): void {
    const { status, type, text, body } = answer;
    const content = this.#find(operation).responses[status]?.content;
    if (content === undefined) {
      if (text !== '') throw new Error(`${here}: a body where the document has none: ${text.slice(0, 200)}`);
      return;
    }
    if (operation.startsWith('HEAD') || text === '') return;
    const documented = Object.keys(content).find((known) => covers(known, type));
    if (documented === undefined)
      throw new Error(`${here}: ${type} is not among ${Object.keys(content).join(', ')}`);
    if (content[documented]?.schema === undefined) return;
    const [method = '', path = ''] = operation.split(' ');
    const steps = ['paths', path, method.toLowerCase(), 'responses', status, 'content', documented, 'schema'];
    const validate = this.#validator(`api#/${steps.map(pointerStep).join('/')}`);
    if (validate(body)) return;
    throw new Error(`${here}: ${this.#ajv.errorsText(validate.errors)}\n${text.slice(0, 1000)}`);
  }

  #validator(reference: string): ValidateFunction {
    const known = this.#ajv.getSchema(reference);
    if (known === undefined) throw new Error(`no schema at ${reference}`);
    return known;
  }

  #find(operation: string): Operation {
    const [method = '', path = ''] = operation.split(' ');
    const found = this.#document.paths[path]?.[method.toLowerCase()];
    if (found === undefined) throw new Error(`${operation} is not in the document`);
    return found;
  }

  /** The operation of a path; a template with fewer parameters comes first, as the services choose. */
  #match(method: string, pathname: string): string | undefined {
    const parametersIn = (operation: string): number => operation.split('{').length;
    return this.operations
      .filter((operation) => {
        const [known = '', path = ''] = operation.split(' ');
        const pattern = path.replaceAll(/\{\w+\}/g, '[^/]+');
        return known === method && new RegExp(`^${pattern}$`).test(pathname);
      })
      .sort((a, b) => parametersIn(a) - parametersIn(b))[0];
  }
}

function covers(range: string, type: string): boolean {
  return range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

/** A step of a JSON pointer in a URI fragment. */
function pointerStep(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}
