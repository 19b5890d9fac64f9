/** `npm run VERB -- …`: prepares the checkout, then runs scripts/VERB.ts as it was built. Knows no verb. */
import './prepare.mjs';

const [verb = '', ...rest] = process.argv.slice(2);
const built = new URL(`../dist/scripts/${verb}.js`, import.meta.url);
process.argv = [process.argv[0] ?? 'node', built.pathname, ...rest];
await import(built.href);
