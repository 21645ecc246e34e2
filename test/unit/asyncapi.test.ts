import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { asyncApi } from '../../src/config/asyncapi';
import { documentNames, documentSchema } from '../../src/config/documents';
import { workerTopics } from '../../src/core/fleet-topics';
import { propertiesOfIdentity } from '../../src/core/peers';
import { topicsOf } from '../../src/core/topics';
import { requestNames } from '../../src/domain/requests';

interface Document {
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly address: string;
        readonly messages: Readonly<
          Record<string, { readonly payload: { readonly $ref?: string }; readonly headers?: Headers }>
        >;
      }
    >
  >;
  readonly operations: Readonly<Record<string, { readonly channel: { readonly $ref: string } }>>;
  readonly components: { readonly schemas: object };
}

interface Headers {
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[]; readonly pattern?: string }>>;
}

const FILE = join(__dirname, '../../src/asyncapi.yaml');

test('the document in the project is what the code says; `fdir schema asyncapi > src/asyncapi.yaml` makes it', () => {
  expect(readFileSync(FILE, 'utf8')).toBe(stringify(asyncApi(), { lineWidth: 0 }));
});

test('every topic of the daemon has a channel, and every channel is a topic of it', () => {
  const { channels } = parse(readFileSync(FILE, 'utf8')) as Document;
  const addresses = Object.values(channels).map(({ address }) => address.replace(/\{(?!sc\})\w+\}/, '+'));
  const { requests, responses, ...rest } = topicsOf('fdir', '{sc}');
  const expected = [
    ...Object.values(rest),
    ...requestNames.flatMap((name) => [requests.replace('+', name), `${responses}/${name}`]),
    ...Object.values(workerTopics('fdir', '+')),
  ];
  expect([...addresses].sort()).toEqual([...expected].sort());
});

test('every reference leads somewhere', () => {
  const document = parse(readFileSync(FILE, 'utf8')) as Document;
  const references = [...readFileSync(FILE, 'utf8').matchAll(/\$ref: "?(#\/(?:channels|components)[^"\s]*)/g)].map(
    ([, to = '']) => to,
  );
  expect(references.length).toBeGreaterThan(20);
  const lost = references.filter((to) => {
    let at: unknown = document;
    for (const part of to.slice(2).split('/')) at = (at as Record<string, unknown> | undefined)?.[part];
    return at === undefined;
  });
  expect(lost).toEqual([]);
});

test.each(documentNames.map((name) => [name]))('%s has a JSON Schema', (name) => {
  expect(documentSchema(name)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
  });
});

test('the user properties of `state` that the document names are those that the daemon sends', () => {
  const { channels } = parse(readFileSync(FILE, 'utf8')) as Document;
  const { properties } = channels['state']?.messages['state']?.headers as Headers;
  const sent = propertiesOfIdentity({ instance: 'host-1', mode: 'active', since: 1_772_323_200_000 });
  expect(Object.keys(properties).sort()).toEqual(Object.keys(sent).sort());
  const { mode, since } = properties;
  expect(mode?.enum).toContain(sent['mode']);
  expect(sent['since']).toMatch(new RegExp(since?.pattern ?? 'no pattern'));
});
