/** A picture for a persona that has none: its initials in strokes of our own on a colour of its own, since a server may have no fonts. Knows no platform. */
import sharp from 'sharp';

/** Capitals as polylines on a grid of 5 × 7 points: pairs of x and y, y downwards. */
const strokes: Readonly<Record<string, string>> = {
  A: '062046 1434', B: '0006 003041423303 3344453606', C: '4130100105163645', D: '00062645412000', E: '40000646 0333', F: '400006 0333', G: '41301001051636454323', H: '0006 4046 0343',
  I: '2026 1030 1636', J: '4045361605', K: '0006 400346', L: '000646', M: '0600234046', N: '06004640', O: '103041453616050110', P: '06003041423303', Q: '103041453616050110 2446',
  R: '06003041423303 2346', S: '413010010213334445361605', T: '0040 2026', U: '000516364540', V: '002640', W: '0016233640', X: '0046 4006', Y: '002340 2326', Z: '00400646',
};
const unknown = '20402646442420'; // a lozenge, for scripts without capitals

/** The first letters of the first and the last word. */
export function initials(title: string): string {
  const words = title.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return [...new Set([words[0], words.length > 1 ? words.at(-1) : undefined])].map((word) => word?.[0] ?? '').join('');
}

/** Degrees on the colour wheel, the same for the same id. */
const hue = (id: string): number => [...id].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 360, 7);

export function monogram(id: string, title: string): string {
  const letters = [...initials(title)];
  const [step, height] = [letters.length > 1 ? 26 : 40, letters.length > 1 ? 24 : 32];
  const paths = letters.map((letter, index) => {
    const scale = height / 6;
    const left = 64 + (index - (letters.length - 1) / 2) * step * 1.5 - 2 * scale;
    const top = 64 - height / 2;
    return (strokes[letter] ?? unknown).split(' ').map((line) => `M${(line.match(/../g) ?? []).map(([x, y]) => `${left + Number(x) * scale},${top + Number(y) * scale}`).join('L')}`).join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="0 0 128 128"><rect width="128" height="128" fill="hsl(${hue(id)},45%,34%)"/><path d="${paths.join('')}" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}

/** PNG, 256 × 256. */
export const drawAvatar = (id: string, title: string): Promise<Buffer> => sharp(Buffer.from(monogram(id, title))).png().toBuffer();
