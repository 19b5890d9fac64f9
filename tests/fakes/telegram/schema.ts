/** The Bot API's parameters as JSON schema, made from @gramio/types (generated from Telegram's own page), so that the fake does not merely agree with us. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator, type Config, type Schema } from 'ts-json-schema-generator';

const require = createRequire(import.meta.url);
const types = join(packageFolder('@gramio/types'), 'out', 'params.d.ts');

/** The package's folder, found from node_modules upwards: it exports types only. */
function packageFolder(name: string): string {
  const found = require.resolve.paths(name)?.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) throw new Error(`${name} is not installed: npm install brings it`);
  return found;
}

/** Made in some two seconds, then kept in the temporary folder by the package's version. */
function readSchema(): Schema {
  const { version } = JSON.parse(readFileSync(join(dirname(types), '..', 'package.json'), 'utf8')) as { version: string };
  const file = join(tmpdir(), 'ventrilocuo-schemas', `telegram-${version}.json`);
  if (!existsSync(file)) {
    const options: Config = { path: types, type: '*', skipTypeCheck: true, additionalProperties: false, expose: 'export', topRef: true, jsDoc: 'none' };
    mkdirSync(dirname(file), { recursive: true });
    const fresh = `${file}.${process.pid}.${Date.now()}`;
    writeFileSync(fresh, JSON.stringify(createGenerator(options).createSchema('*')));
    renameSync(fresh, file);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Schema;
}

export interface ApiSchema {
  has(method: string): boolean;
  /** What is wrong with the parameters; none when they are as documented, with nothing besides. */
  mistakes(method: string, parameters: object): string[];
}

/** Documented without parameters, hence without a schema. */
const bare = ['getMe', 'logOut', 'close', 'getWebhookInfo'];

let loaded: ApiSchema | undefined; // it never changes, and reading it takes a while
export const loadApiSchema = (): ApiSchema => (loaded ??= compile(readSchema()));

const nameOf = (method: string): string => `${method.charAt(0).toUpperCase()}${method.slice(1)}Params`;

function compile(schema: Schema): ApiSchema {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false }).addSchema(schema, 'telegram');
  const compiled = new Map<string, ValidateFunction>();
  const has = (method: string): boolean => bare.includes(method) || nameOf(method) in (schema.definitions ?? {});
  function validator(method: string): ValidateFunction {
    const known = compiled.get(method) ?? ajv.compile({ $ref: `telegram#/definitions/${nameOf(method)}` });
    compiled.set(method, known);
    return known;
  }
  return {
    has,
    mistakes(method, parameters) {
      if (bare.includes(method)) return Object.keys(parameters).map((name) => `${name} is not a parameter`);
      const validate = validator(method);
      return validate(parameters) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`);
    },
  };
}
