import type { EngineProgress } from '@pi-jobs/core/engine';

const barWidth = 30;
const redrawEveryMs = 100;

/** A bar with percentage, phase and remaining time on one line of a terminal. */
export class ProgressBar {
  readonly #terminal: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  #drawnAt = 0;

  constructor(terminal: NodeJS.WriteStream) {
    this.#terminal = terminal;
  }

  show(progress: EngineProgress): void {
    const now = performance.now();
    if (now - this.#drawnAt < redrawEveryMs) return;
    this.#drawnAt = now;
    this.#terminal.write(`\r\x1b[K${progressLine(progress, (now - this.#startedAt) / 1000)}`);
  }

  clear(): void {
    if (this.#drawnAt > 0) this.#terminal.write('\r\x1b[K');
  }
}

/** One line, such as `[#####-----]  50.0 % splitting, 12 s left`. */
export function progressLine({ fraction, phase }: EngineProgress, elapsedSeconds: number): string {
  const filled = Math.round(fraction * barWidth);
  const bar = '#'.repeat(filled).padEnd(barWidth, '-');
  const percent = (fraction * 100).toFixed(1).padStart(5);
  // The first moments say little about the speed.
  const remaining =
    fraction >= 0.02 ? `, ${timeText((elapsedSeconds * (1 - fraction)) / fraction)} left` : '';
  return `[${bar}] ${percent} % ${phase}${remaining}`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
