/** The desk between two shifts: what people wrote, the hand-over and its confirmation, and the report of the last hours. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { CLOCKS, shiftSections, shiftTitle, type ShiftSection } from '../../../core/report/shift-text';
import { describeError } from '../../../domain/errors';
import type { NoteRecord } from '../../../domain/note';
import type { ShiftReport } from '../../../domain/shift-report';
import { download } from '../client';
import { useResource } from '../hooks';
import { announce } from '../parts/announcer';
import { Empty, Failure, Loading, Section, Status, TableFrame, Time } from '../parts/basic';
import { confirmHandOver, handOver, writeNote } from '../parts/write-note';
import { hrefTo } from '../route';

const RANGES = ['8h', '12h', '24h'] as const;

const About = ({ note: { about, target, kind } }: { note: NoteRecord }) => {
  if (kind !== 'note') return <b>{kind}</b>;
  if (about === 'shift') return null;
  return about === 'anomaly' ? <a href={hrefTo('anomalies', target)}>on {target}</a> : <span>on {target}</span>;
};

/** The newest hand-over, as long as nobody has confirmed it. */
const openHandOver = (notes: readonly NoteRecord[]): NoteRecord | undefined => {
  const newest = notes.findLast(({ kind }) => kind === 'hand-over');
  const isConfirmed = notes.some(({ kind, target }) => kind === 'confirmation' && target === String(newest?.sequence));
  return isConfirmed ? undefined : newest;
};

const Notes = () => {
  const { data, error, reload } = useResource<{ items: NoteRecord[] }>('notes?limit=200');
  if (data === null) return error === null ? <Loading /> : <Failure error={error} again={reload} />;
  const items = [...data.items].sort((a, b) => a.sequence - b.sequence);
  const open = openHandOver(items);
  return (
    <Section title="Notes and hand-over">
      {open !== undefined && (
        <div class="hand-over">
          <Status status="serious">Handed over by {open.by}, not confirmed yet</Status>
          <p>{open.text}</p>
          <button
            type="button"
            class="primary"
            onClick={() => {
              confirmHandOver(open.sequence, reload);
            }}
          >
            Confirm the hand-over
          </button>
        </div>
      )}
      {items.length === 0 && <Empty>Nobody has written anything yet.</Empty>}
      <ol class="timeline">
        {items.toReversed().map((note) => (
          <li key={note.sequence}>
            <Time at={note.time} />
            <span>
              {note.text} <span class="quiet">by {note.by}</span> <About note={note} />
            </span>
          </li>
        ))}
      </ol>
      <div class="buttons">
        <button
          type="button"
          onClick={() => {
            writeNote('shift', '', reload);
          }}
        >
          Write a note
        </button>
        <button
          type="button"
          onClick={() => {
            handOver(reload);
          }}
        >
          Hand the shift over
        </button>
      </div>
    </Section>
  );
};

const ReportPart = ({ section: { title, lines, table } }: { section: ShiftSection }) => (
  <>
    <h3>{title}</h3>
    {lines.map((line, index) => (
      <p key={index}>{line}</p>
    ))}
    {table !== undefined && table.rows.length > 0 && (
      <TableFrame label={title}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, at) => (
                  <td key={at}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    )}
  </>
);

const Report = () => {
  const [since, setSince] = useState<string>(RANGES[0]);
  const path = `report?since=${since}`;
  const { data, error, reload } = useResource<ShiftReport>(`${path}&format=json`);
  const save = (format: 'html' | 'md' | 'json'): void => {
    download(`${path}&format=${format}`, `shift.${format}`).catch((trouble: unknown) => {
      announce(describeError(trouble));
    });
  };
  return (
    <Section title="Report of the shift">
      <div class="live-controls">
        <div class="buttons" role="group" aria-label="Time reported">
          {RANGES.map((range) => (
            <button
              key={range}
              type="button"
              aria-pressed={range === since}
              onClick={() => {
                setSince(range);
              }}
            >
              {range.replace('h', ' h')}
            </button>
          ))}
        </div>
        <div class="buttons" role="group" aria-label="Save the report">
          {(['html', 'md', 'json'] as const).map((format) => (
            <button
              key={format}
              type="button"
              onClick={() => {
                save(format);
              }}
            >
              {format === 'html' ? 'Save a page to print' : `Save ${format.toUpperCase()}`}
            </button>
          ))}
          <button type="button" onClick={reload}>
            Again
          </button>
        </div>
      </div>
      {data === null ? (
        error === null ? (
          <Loading />
        ) : (
          <Failure error={error} again={reload} />
        )
      ) : (
        <div class="shift-report">
          <p>
            <b>{shiftTitle(data)}</b>. <span class="quiet">{CLOCKS}</span>
          </p>
          {shiftSections(data).map((section) => (
            <ReportPart key={section.title} section={section} />
          ))}
        </div>
      )}
    </Section>
  );
};

/** @param part `report` leads to the report, which stands below the notes. */
export const ShiftPage = ({ part }: { part: string }) => {
  const report = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (part === 'report') report.current?.scrollIntoView();
  }, [part]);
  return (
    <>
      <h1 class="page-title">Shift</h1>
      <Notes />
      <div ref={report}>
        <Report />
      </div>
    </>
  );
};
