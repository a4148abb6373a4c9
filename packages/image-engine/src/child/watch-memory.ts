const INTERVAL_MS = 20;

/**
 * Calls back once when this process holds more resident memory than `maxRssBytes`. libvips works on threads of its own, so the timer
 * runs meanwhile. The end of the watch is {@link Disposable}.
 */
export function watchMemory(maxRssBytes: number, onExceeded: (rssBytes: number) => void): Disposable {
  const timer = setInterval(() => {
    const rssBytes = process.memoryUsage.rss();
    if (rssBytes <= maxRssBytes) return;
    clearInterval(timer);
    onExceeded(rssBytes);
  }, INTERVAL_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
