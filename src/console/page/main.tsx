import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/pages.css';
import './styles/live.css';
import './styles/todo.css';
import { render } from 'preact';
import { App } from './app';
import { startCalling } from './attention';
import { askSession, token } from './client';
import { goLive, onChange } from './live';

const place = document.getElementById('console');
if (place !== null) render(<App />, place);
goLive();
startCalling();
// Whether the token is still known is asked at the start, and again of a daemon that was away.
const ask = (): void => void askSession().catch(() => undefined);
ask();
onChange(({ name }) => {
  if (name === 'snapshot') ask();
});
token.subscribe(() => {
  if (token.get() === null) ask();
});
