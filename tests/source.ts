/** Reads the project's TypeScript as text: files, their imports, their first lines. Reads src, not dist, since compiled code has lost its type imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Import { readonly from: string; readonly to: string; readonly isType: boolean }
export interface SourceFile { readonly path: string; readonly text: string; readonly lines: number; readonly imports: readonly Import[] }

const statement = /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;

/** Relative imports come as paths from the root of the repository, packages by their names. */
function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(([, isType, from, dynamic]) => {
    const name = from ?? dynamic ?? '';
    const to = name.startsWith('.') ? new URL(name, `file:///${path}`).pathname.slice(1) : name;
    return { from: path, to, isType: isType !== undefined };
  });
}

export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))).filter((path) => path.endsWith('.ts') && !path.includes('/generated/')).map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path, text, lines: text.split('\n').length - 1, imports: importsOf(path, text) };
  });
}
