/** One parameter of the live page: what it is, its value in words and figures, and its strip. */
import { useEffect, useRef } from 'preact/hooks';
import type { MissionView } from '../../api/overview';
import type { LivePainter } from '../live-painter';
import { Status } from './basic';

type Parameter = MissionView['parameters'][number];

export const Strip = ({
  painter,
  parameter,
  isPinned,
  failed,
  pin,
}: {
  painter: LivePainter;
  /** Null for the score. */
  parameter: Parameter | null;
  isPinned: boolean;
  /** What of its checks failed; empty: none. */
  failed: string;
  pin: (() => void) | null;
}) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const readout = useRef<HTMLElement>(null);
  useEffect(() => {
    if (canvas.current === null || readout.current === null) return;
    return painter.place({ canvas: canvas.current, readout: readout.current, parameter });
  }, [painter, parameter]);
  const title = parameter?.title ?? 'Score against threshold';
  return (
    <li class="strip">
      <div class="strip-head">
        <span class="strip-name">
          <b>{title}</b> {parameter !== null && parameter.title !== parameter.id && <code>{parameter.id}</code>}
        </span>
        {pin !== null && (
          <button type="button" class="plain pin" aria-pressed={isPinned} aria-label={`Pin ${title}`} onClick={pin}>
            {isPinned ? '◆' : '◇'}
          </button>
        )}
        <span class="strip-value">
          <span ref={readout}>–</span> <span class="quiet">{parameter?.units ?? ''}</span>
        </span>
        {failed !== '' && <Status status="serious">{failed}</Status>}
      </div>
      <canvas ref={canvas} role="img" aria-label={`${title} over the time shown; its value stands beside it`} />
    </li>
  );
};
