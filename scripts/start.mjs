/** `npm start`: prepares the checkout, then becomes the bot. Knows nothing of what the bot does. */
await import('./prepare.mjs');
await import('../dist/src/index.js');
