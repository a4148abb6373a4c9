import { createHash } from 'node:crypto';
import { escapeHtml } from '@pi-jobs/http-kit';
import { pageScript } from './page-script.ts';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 48rem; padding: 1rem; color: #1c1c22; background: #fff; }
h1 { line-height: 1.2; } form, [role=alert] { border: 1px solid #c9c9d3; border-radius: 6px; padding: .75rem; margin: 1rem 0; }
[role=alert] { border-color: #b3261e; } progress { width: 100%; } table { border-collapse: collapse; width: 100%; }
th, td { border-top: 1px solid #dcdce4; padding: .3rem .5rem; text-align: left; } td { overflow-wrap: anywhere; } .size { text-align: right; white-space: nowrap; }
@media (prefers-color-scheme: dark) { body { color: #e8e8ee; background: #17171c; } a { color: #9db7ff; } }
`;

function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

/** Nothing is loaded, and nothing runs but the page's own script; the icon is an empty one so that no browser asks for it. */
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(style)}`,
  'img-src data:',
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every page. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': policy,
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
  Vary: 'Accept',
};

export function renderPage(title: string, body: string, options: { readonly withScript: boolean }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
${options.withScript ? `<script>${pageScript}</script>` : ''}</body></html>
`;
}
