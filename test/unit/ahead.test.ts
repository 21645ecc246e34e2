/** Work begun ahead: order, bound, end and errors, with promises that end in any order. */
import fc from 'fast-check';
import { from, lastValueFrom, of, Subject, tap, throwError, toArray } from 'rxjs';
import { concatMapAhead } from '../../src/pipeline/concat-map-ahead';

const SEED = Number(process.env['FDIR_SEED'] ?? 20_261_125);

interface Work {
  readonly finish: (value: string) => void;
  readonly fail: (error: Error) => void;
  readonly item: string;
}

const bench = (most: number) => {
  const items = new Subject<string>();
  const begun: Work[] = [];
  const told: string[] = [];
  items
    .pipe(
      concatMapAhead(most, (item) =>
        item.startsWith('now')
          ? item
          : new Promise<string>((resolve, reject) => begun.push({ finish: resolve, fail: reject, item })),
      ),
    )
    .subscribe({
      next: (value) => told.push(value),
      error: (error: unknown) => told.push(String(error)),
      complete: () => told.push('complete'),
    });
  return { items, begun, told };
};
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test('results come in order though the second is ready first, and what needs no work waits for those before it', async () => {
  const { items, begun, told } = bench(2);
  for (const item of ['now 0', 'a', 'now 1', 'b', 'c']) items.next(item);
  items.complete();
  expect([told, begun.map(({ item }) => item)]).toEqual([['now 0'], ['a', 'b']]);
  begun[1]?.finish('B');
  await settled();
  expect([told, begun.map(({ item }) => item)]).toEqual([['now 0'], ['a', 'b', 'c']]);
  begun[0]?.finish('A');
  await settled();
  expect(told).toEqual(['now 0', 'A', 'now 1', 'B']);
  begun[2]?.finish('C');
  await settled();
  expect(told.slice(-2)).toEqual(['C', 'complete']);
});

test('an error of the work, and one of the source, is told', async () => {
  const { items, begun, told } = bench(2);
  items.next('a');
  begun[0]?.fail(new Error('broken'));
  await settled();
  expect(told).toEqual(['Error: broken']);
  await expect(lastValueFrom(throwError(() => new Error('gone')).pipe(concatMapAhead(2, () => 1)))).rejects.toThrow(
    'gone',
  );
});

test('what is told may bring the next item, which comes after it', async () => {
  const items = new Subject<number>();
  const told: number[] = [];
  items
    .pipe(
      concatMapAhead(2, (item) => (item % 2 === 0 ? item : Promise.resolve(item))),
      tap((item) => {
        if (item < 6) items.next(item + 1);
        told.push(item);
      }),
    )
    .subscribe();
  items.next(0);
  await settled();
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test(`any mixture keeps its order and its bound (seed ${String(SEED)})`, async () => {
  const works = fc.array(fc.option(fc.nat(5), { nil: undefined }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(works, fc.integer({ min: 1, max: 4 }), async (turns, most) => {
      let underWay = 0;
      let greatest = 0;
      const work = async (count: number): Promise<void> => {
        underWay += 1;
        greatest = Math.max(greatest, underWay);
        for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
        underWay -= 1;
      };
      const indices = turns.map((_, index) => index);
      const told = await lastValueFrom(
        (indices.length === 0 ? of<number>() : from(indices)).pipe(
          concatMapAhead(most, (index) => {
            const count = turns[index];
            return count === undefined ? index : work(count).then(() => index);
          }),
          toArray(),
        ),
      );
      expect(told).toEqual(indices);
      expect(greatest).toBeLessThanOrEqual(most);
    }),
    { seed: SEED, numRuns: 300 },
  );
});
