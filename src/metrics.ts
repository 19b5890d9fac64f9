/** Counts, and how long the event loop makes others wait. Knows no room. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>): void;
  gauge(name: string, read: () => number): void;
  /** Milliseconds that the event loop was late, over the last ten to twenty seconds. */
  loopDelay(): { readonly p50: number; readonly p99: number; readonly max: number };
  /** Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
  text(): string;
}

const resolution = 10; // milliseconds between two looks at the loop
const span = 10_000; // milliseconds of a window; the one before counts too

export function createMetrics(): Metrics {
  const counts = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // The histogram holds whole intervals, of which `resolution` was asked for.
  const late = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - resolution) : 0);
  const read = () => ({ p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) });
  let before = { p50: 0, p99: 0, max: 0 };
  setInterval(() => { before = read(); delay.reset(); }, span).unref();
  const loopDelay = () => { const now = read(); return { p50: Math.max(now.p50, before.p50), p99: Math.max(now.p99, before.p99), max: Math.max(now.max, before.max) }; };
  return {
    count(name, labels = {}) {
      const spelled = Object.entries(labels).map(([label, value]) => `${label}="${value.replace(/["\\\n]/g, '_')}"`).join(',');
      const key = `ventrilocuo_${name}_total${spelled ? `{${spelled}}` : ''}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    gauge: (name, read) => { gauges.set(`ventrilocuo_${name}`, read); },
    loopDelay,
    text() {
      const { p50, p99 } = loopDelay();
      const lines = [...counts, ...[...gauges].map(([name, read]) => [name, read()] as const), ['ventrilocuo_loop_delay_ms{quantile="0.5"}', p50] as const, ['ventrilocuo_loop_delay_ms{quantile="0.99"}', p99] as const];
      return `${lines.map(([name, value]) => `${name} ${value}`).join('\n')}\n`;
    },
  };
}
