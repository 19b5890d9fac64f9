/** What this folder uses of WebAssembly, which Node has and its types leave to the browser's. */
declare namespace WebAssembly {
  type Exports = Readonly<Record<string, unknown>>;
  function instantiate(bytes: Uint8Array, imports: Readonly<Record<string, object>>): Promise<{ readonly instance: { readonly exports: Exports } }>;
}
