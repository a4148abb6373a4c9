import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../environment/rules.ts';
import { kitProblems } from '../problems/kit-problems.ts';

/**
 * Under which names a service may be called. A service that is open to everybody on this machine would be open to every web page too that
 * has its own name lead here (DNS rebinding): for the browser such a page and the service are one site. A page's name has a dot in it;
 * addresses, `localhost` and names of machines and containers without a dot are nobody's to register.
 */
export class HostNames {
  #allowed: ReadonlySet<string> | undefined;

  /** Before the service listens at `bindHost`: `allowed` are the names with a dot that lead to it, `*` for all of them. */
  restrict(bindHost: string, allowed: readonly string[] | undefined): void {
    const isOpen = allowed === undefined ? !isLoopback(bindHost) : allowed.includes('*');
    this.#allowed = isOpen ? undefined : new Set([bindHost, ...(allowed ?? [])].map(withoutEndDot));
  }

  /** Throws the problem for a request under another name. */
  require({ headers }: Pick<IncomingMessage, 'headers'>): void {
    const name = withoutEndDot((headers.host ?? '').replace(/:\d*$/, '').replace(/^\[|\]$/g, ''));
    if (this.#allowed === undefined || !name.includes('.') || isIP(name) !== 0) return;
    if (name.endsWith('.localhost') || this.#allowed.has(name)) return;
    throw kitProblems.unknown_host(
      'The service is called by a name that it does not know; ALLOWED_HOSTS names those that it does.',
    );
  }
}

function withoutEndDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
