/** Metrics in Prometheus' text format, checked by its grammar. */
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics.ts';

/** prometheus.io/docs/instrumenting/exposition_formats: a name, labels, a number; comments begin with #. */
const line = /^(# TYPE [a-z_:][a-z0-9_:]* (counter|gauge|histogram)|[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (NaN|[+-]?Inf|[-+0-9.e]+))$/;

describe('metrics', () => {
  it('count by labels', () => {
    const metrics = createMetrics();
    metrics.count('asked', { platform: 'discord', kind: 'command' });
    metrics.count('asked', { platform: 'discord', kind: 'command' });
    metrics.count('asked', { platform: 'telegram', kind: 'mention' });
    expect(metrics.text()).toContain('# TYPE ventrilocuo_asked_total counter\nventrilocuo_asked_total{platform="discord",kind="command"} 2\nventrilocuo_asked_total{platform="telegram",kind="mention"} 1\n');
  });
  it('read gauges when they are asked for', () => {
    const metrics = createMetrics();
    let queued = 1;
    metrics.gauge('queued', () => queued);
    queued = 7;
    expect(metrics.text()).toContain('# TYPE ventrilocuo_queued gauge\nventrilocuo_queued 7\n');
  });
  it('keep durations in cumulative buckets, with their sum and count', () => {
    const metrics = createMetrics();
    for (const seconds of [0.04, 0.3, 2, 500]) metrics.observe('answer', seconds, { platform: 'terminal' });
    const text = metrics.text();
    const bucket = (bound: string): string | undefined => new RegExp(`ventrilocuo_answer_seconds_bucket\\{platform="terminal",le="${bound.replace('+', '\\+')}"\\} (\\d+)`).exec(text)?.[1];
    expect(['0.05', '0.1', '0.3', '1', '3', '100', '+Inf'].map(bucket)).toEqual(['1', '1', '2', '2', '3', '3', '4']);
    expect(text).toContain('ventrilocuo_answer_seconds_sum{platform="terminal"} 502.34');
    expect(text).toContain('ventrilocuo_answer_seconds_count{platform="terminal"} 4');
  });
  it('are lines that Prometheus reads, whatever a label holds', () => {
    const metrics = createMetrics();
    metrics.count('odd', { what: 'a "quoted"\nline\\' });
    metrics.observe('odd', 1);
    metrics.gauge('nothing', () => Number.NaN);
    expect(metrics.text().trimEnd().split('\n').filter((one) => !line.test(one))).toEqual([]);
  });
  it('tell how late the event loop was', async () => {
    const metrics = createMetrics();
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const end = performance.now() + 120; performance.now() < end;);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(metrics.loopDelay().max).toBeGreaterThan(60);
    expect(metrics.loopDelay().p50).toBeLessThan(60);
  });
});
