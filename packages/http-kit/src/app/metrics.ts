import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

/** The route label of requests that match no route. */
export const unmatchedRoute = 'unmatched';

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface RequestMetrics {
  begin(): void;
  /** `route` is the template, so that the number of time series is bounded. */
  end(method: string, route: string, status: number, seconds: number): void;
}

/** Registers what every service counts about its requests, and the default process metrics. */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  collectDefaultMetrics({ register: registry });
  const labelNames = ['method', 'route', 'status'] as const;
  const registers = [registry];
  const total = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, or given up by their client (status 499).',
    labelNames,
    registers,
  });
  const errors = new Counter({
    name: 'http_request_errors_total',
    help: 'Requests answered with a 5xx status.',
    labelNames,
    registers,
  });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the head of the request to the end of its answer.',
    labelNames,
    buckets: durationBuckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are not answered yet.',
    registers,
  });

  return {
    begin: () => inFlight.inc(),
    end(method, route, status, seconds) {
      const labels = { method, route, status };
      inFlight.dec();
      total.inc(labels);
      duration.observe(labels, seconds);
      if (status >= 500) errors.inc(labels);
    },
  };
}
