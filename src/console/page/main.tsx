import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/pages.css';
import { render } from 'preact';
import { App } from './app';
import { askSession, token } from './client';
import { goLive } from './live';

const place = document.getElementById('console');
if (place !== null) render(<App />, place);
goLive();
void askSession().catch(() => {
  // A token that is no longer known would make reading fail too.
  if (token.get() !== null) sessionStorage.removeItem('fdir.token');
});
