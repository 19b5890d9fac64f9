/** Counts, gauges and histograms, and how long the event loop makes others wait. Knows no room. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Labels = Readonly<Record<string, string>>;
export interface Metrics {
  count(name: string, labels?: Labels): void;
  gauge(name: string, read: () => number): void;
  /** One more duration. */
  observe(name: string, seconds: number, labels?: Labels): void;
  /** Milliseconds that the event loop was late, over at most the last minute. */
  loopDelay(): { readonly p50: number; readonly p99: number; readonly max: number };
  /** Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats). */
  text(): string;
}

const resolution = 10; // milliseconds between two looks at the loop
const span = 60_000; // milliseconds
/** Upper bounds in seconds: from an acknowledgement to a long song on a slow machine. */
const bounds = [0.05, 0.1, 0.3, 1, 3, 10, 30, 100] as const;

interface Histogram { readonly buckets: number[]; sum: number; count: number }

const spellLabels = (labels: Labels): string[] => Object.entries(labels).map(([label, value]) => `${label}="${value.replace(/["\\\n]/g, '_')}"`);
const sample = (name: string, labels: readonly string[], value: number): string => `${name}${labels.length > 0 ? `{${labels.join(',')}}` : ''} ${value}`;

export function createMetrics(): Metrics {
  const counts = createFamilies<{ value: number }>(() => ({ value: 0 }));
  const histograms = createFamilies<Histogram>(() => ({ buckets: bounds.map(() => 0), sum: 0, count: 0 }));
  const gauges = new Map<string, () => number>();
  const loopDelay = watchLoop();
  const loopGauges = (): [string, number][] => Object.entries(loopDelay()).map(([quantile, milliseconds]) => [`ventrilocuo_loop_delay_${quantile}_seconds`, milliseconds / 1000]);
  return {
    count(name, labels = {}) { counts.get(`ventrilocuo_${name}_total`, labels).value++; },
    gauge(name, read) { gauges.set(`ventrilocuo_${name}`, read); },
    observe(name, seconds, labels = {}) {
      const histogram = histograms.get(`ventrilocuo_${name}_seconds`, labels);
      for (const [index, bound] of bounds.entries()) if (seconds <= bound) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
      histogram.sum += seconds;
      histogram.count++;
    },
    loopDelay,
    text: () => `${[
      ...counts.spell('counter', (name, labels, { value }) => [sample(name, labels, value)]),
      ...histograms.spell('histogram', spellHistogram),
      ...[...[...gauges].map(([name, read]) => [name, read()] as const), ...loopGauges()].flatMap(([name, value]) => [`# TYPE ${name} gauge`, sample(name, [], value)]),
    ].join('\n')}\n`,
  };
}

/** Series by name, then by labels: the format wants a name's series together, under its type. */
function createFamilies<T>(create: () => T) {
  const families = new Map<string, Map<string, { readonly labels: readonly string[]; readonly series: T }>>();
  return {
    get(name: string, labels: Labels): T {
      const family = families.get(name) ?? new Map();
      families.set(name, family);
      const spelled = spellLabels(labels);
      const entry = family.get(spelled.join()) ?? { labels: spelled, series: create() };
      family.set(spelled.join(), entry);
      return entry.series;
    },
    spell: (type: string, lines: (name: string, labels: readonly string[], series: T) => string[]): string[] => [...families].flatMap(([name, family]) => [`# TYPE ${name} ${type}`, ...[...family.values()].flatMap(({ labels, series }) => lines(name, labels, series))]),
  };
}

function spellHistogram(name: string, labels: readonly string[], { buckets, sum, count }: Histogram): string[] {
  const rows = [...bounds.map((bound, index) => [String(bound), buckets[index] ?? 0] as const), ['+Inf', count] as const];
  return [...rows.map(([bound, value]) => sample(`${name}_bucket`, [...labels, `le="${bound}"`], value)), sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count)];
}

/** Node's histogram holds whole intervals, of which `resolution` was asked for. */
function watchLoop(): Metrics['loopDelay'] {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  setInterval(() => delay.reset(), span).unref();
  const late = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - resolution) : 0);
  return () => ({ p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) });
}
