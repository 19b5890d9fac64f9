/** GPT-2's alphabet of 256 printable characters, one for each byte (bytes_to_unicode in openai/gpt-2's encoder.py). */

const printable = [[0x21, 0x7e], [0xa1, 0xac], [0xae, 0xff]] as const;
const isPrintable = (byte: number): boolean => printable.some(([first, last]) => byte >= first && byte <= last);

/** The byte that a character of a vocabulary stands for. */
export const byteOf: ReadonlyMap<string, number> = new Map((() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte): [string, number] => [String.fromCharCode(isPrintable(byte) ? byte : next++), byte]);
})());
