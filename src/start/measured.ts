/** A bot whose answers are counted and timed. Knows no texts. */
import type { Bot, Incoming, Part, Reply } from '../command.ts';
import type { Metrics } from '../metrics.ts';

export function measured(bot: Bot, metrics: Metrics): Bot {
  return {
    ...bot,
    async answer(incoming, options) {
      const begun = performance.now();
      const reply = await bot.answer(incoming, options);
      return reply === undefined || typeof reply === 'string' ? reply : timed(reply, incoming, metrics, begun);
    },
  };
}

async function* timed(reply: Exclude<Reply, string>, { platform }: Incoming, metrics: Metrics, begun: number): AsyncGenerator<Part> {
  const seconds = (): number => (performance.now() - begun) / 1000;
  let [hasWords, outcome] = [false, 'abandoned'];
  try {
    for await (const part of reply) {
      if ('append' in part && !hasWords) { hasWords = true; metrics.observe('first_word', seconds(), { platform }); }
      if ('told' in part) outcome = part.told.finish;
      if ('failed' in part) outcome = part.failed;
      yield part;
    }
    if (outcome === 'abandoned') outcome = 'told';
  } finally {
    metrics.observe('answer', seconds(), { platform });
    metrics.count('answers', { platform, outcome });
  }
}
