/** The form above the log: the filters of `fdir log list`. */
import type { MissionView } from '../../api/overview';
import { useResource } from '../hooks';
import { FilterButtons } from '../parts/filter-buttons';
import { RECOVERY, VERDICT } from '../words';

/** The filters of `fdir log list`. */
export const FILTERS = [
  'since',
  'until',
  'spacecraft',
  'equipment',
  'fault',
  'minConfidence',
  'maxConfidence',
  'state',
  'severity',
  'rule',
  'outcome',
  'verdict',
  'text',
];

export const picked = (query: URLSearchParams, names: readonly string[]): URLSearchParams => {
  const result = new URLSearchParams();
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') result.set(name, value);
  }
  return result;
};

/** What is given in a form of filters. */
export const formQuery = (form: HTMLFormElement): URLSearchParams => {
  const next = new URLSearchParams();
  for (const [name, text] of new FormData(form))
    if (typeof text === 'string' && text.trim() !== '') next.set(name, text.trim());
  return next;
};

export const SEVERITIES = ['high', 'medium', 'low', 'informative'].map((name) => [name, name] as const);

export const Choice = (props: {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
}) => (
  <label class="field">
    {props.label}
    <select name={props.name}>
      <option value="">any</option>
      {props.options.map(([value, text]) => (
        <option key={value} value={value} selected={value === props.value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);
export const Words = (props: { name: string; label: string; value: string; hint?: string; id?: string }) => (
  <label class="field">
    {props.label}
    <input id={props.id} name={props.name} defaultValue={props.value} placeholder={props.hint} maxLength={200} />
  </label>
);

export const FilterForm = ({ query, apply }: { query: URLSearchParams; apply: (query: URLSearchParams) => void }) => {
  const { data: mission } = useResource<MissionView>('mission');
  const value = (name: string): string => query.get(name) ?? '';
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the log"
      key={picked(query, FILTERS).toString()}
      onSubmit={(event) => {
        event.preventDefault();
        apply(formQuery(event.currentTarget));
      }}
    >
      <Words name="text" label="Text" value={value('text')} hint="words in it" id="log-text" />
      <Words name="since" label="Since" value={value('since')} hint="2h, or a time" />
      <Words name="until" label="Until" value={value('until')} hint="2026-03-02T…Z" />
      <Choice
        name="equipment"
        label="Equipment"
        value={value('equipment')}
        options={[...(mission?.equipment ?? []).map(({ id, title }) => [id, title] as const), ['unknown', 'unknown']]}
      />
      <Choice
        name="fault"
        label="Fault"
        value={value('fault')}
        options={[...(mission?.faults ?? []).map(({ id, title }) => [id, title] as const), ['unknown', 'unknown']]}
      />
      <Choice
        name="state"
        label="State"
        value={value('state')}
        options={[
          ['open', 'open'],
          ['closed', 'closed'],
        ]}
      />
      <Choice name="severity" label="Severity" value={value('severity')} options={SEVERITIES} />
      <Choice name="outcome" label="Recovery" value={value('outcome')} options={Object.entries(RECOVERY)} />
      <Choice
        name="verdict"
        label="Verdict"
        value={value('verdict')}
        options={[...Object.entries(VERDICT), ['none', 'not judged yet']]}
      />
      <Words name="spacecraft" label="Spacecraft" value={value('spacecraft')} />
      <Words name="rule" label="Rule" value={value('rule')} />
      <Words name="minConfidence" label="Confidence from" value={value('minConfidence')} hint="0.5" />
      <Words name="maxConfidence" label="Confidence to" value={value('maxConfidence')} hint="1" />
      <FilterButtons
        clear={() => {
          apply(new URLSearchParams());
        }}
      />
    </form>
  );
};
