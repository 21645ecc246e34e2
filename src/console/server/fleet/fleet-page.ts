/** The page of a fleet: a grid that is asked for every two seconds. No package is in it, and nothing inline (headers.ts). */

export const FLEET_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleet</title>
<link rel="stylesheet" href="/fleet.css">
</head>
<body>
<header>
<h1>Fleet <span id="worker"></span></h1>
<p id="summary" role="status">loading</p>
<form id="filter">
<label>Search <input id="search" type="search" placeholder="name, kind or reason"></label>
<label>State <select id="state"><option value="">all</option><option>degraded</option><option>offline</option><option>passive</option><option>online</option></select></label>
<label>Order <select id="sort"><option>urgency</option><option>name</option><option>age</option></select></label>
<label>Token <input id="token" type="password" autocomplete="off" placeholder="from beyond this machine"></label>
</form>
</header>
<main><ul id="grid"></ul><aside id="detail" aria-live="polite" hidden></aside></main>
<script src="/fleet.js"></script>
</body>
</html>
`;

export const FLEET_CSS = `:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 0 1rem; }
header { position: sticky; top: 0; background: Canvas; padding-bottom: .5rem; }
h1 { font-size: 1.2rem; margin: .5rem 0 0; }
#summary { margin: 0 0 .5rem; }
form { display: flex; gap: 1rem; flex-wrap: wrap; }
#grid { list-style: none; padding: 0; display: grid; gap: .4rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
#grid button { width: 100%; text-align: left; font: inherit; padding: .4rem .5rem; border: 1px solid GrayText; border-left-width: .5rem; border-radius: .2rem; background: Canvas; color: CanvasText; cursor: pointer; }
#grid button.online { border-left-color: #2e7d32; }
#grid button.passive { border-left-color: #6b6b6b; }
#grid button.degraded { border-left-color: #b45309; }
#grid button.offline { border-left-color: #b91c1c; }
#grid button.alarmed { outline: 2px solid #b91c1c; }
#grid strong { display: block; }
#detail { position: fixed; right: 1rem; bottom: 1rem; max-width: 26rem; background: Canvas; border: 1px solid GrayText; padding: .5rem 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .8rem; margin: .5rem 0; }
dd { margin: 0; }
`;

export const FLEET_JS = `'use strict';
const byId = (id) => document.getElementById(id);
const [grid, detail, summary] = ['grid', 'detail', 'summary'].map(byId);
let chosen = null;
const age = (seconds) => seconds === null ? 'no telemetry' : seconds < 90 ? Math.round(seconds) + ' s ago' : Math.round(seconds / 60) + ' min ago';
const cell = (tag, text) => { const made = document.createElement(tag); made.textContent = text; return made; };
const counts = (row) => row.openAlarms + row.openAnomalies === 0 ? 'quiet' : row.openAlarms + ' alarms, ' + row.openAnomalies + ' anomalies' + (row.worst > 0 ? ', worst ' + row.worst.toFixed(1) : '');
const show = (row) => {
  detail.hidden = row === undefined;
  if (row === undefined) return;
  const list = document.createElement('dl');
  for (const [name, value] of [['state', row.state], ['kind', row.member], ['partition', row.partition === null ? 'whole fleet' : row.partition], ['packet time', row.packetTime ?? '-'], ['last message', age(row.ageSeconds)], ['frames', row.frames], ['open', counts(row)]])
    list.append(cell('dt', name), cell('dd', String(value)));
  const reasons = document.createElement('ul');
  for (const reason of row.reasons) reasons.append(cell('li', reason));
  detail.replaceChildren(cell('strong', row.spacecraft), list, reasons, cell('code', 'fdir log list --spacecraft ' + row.spacecraft));
};
const draw = (view) => {
  byId('worker').textContent = view.worker;
  const degraded = view.rows.filter((row) => row.state !== 'online').length;
  summary.textContent = view.found + ' of ' + view.total + ' spacecraft, ' + degraded + ' not online, at ' + view.time;
  grid.replaceChildren(...view.rows.map((row) => {
    const button = document.createElement('button');
    button.className = row.state + (row.openAlarms > 0 ? ' alarmed' : '');
    button.append(cell('strong', row.spacecraft), cell('span', row.state + ', ' + age(row.ageSeconds)), document.createElement('br'), cell('span', counts(row)));
    button.addEventListener('click', () => { chosen = chosen === row.spacecraft ? null : row.spacecraft; show(chosen === null ? undefined : row); });
    const item = document.createElement('li');
    item.append(button);
    return item;
  }));
  show(view.rows.find((row) => row.spacecraft === chosen));
};
const ask = async () => {
  const query = new URLSearchParams({ search: byId('search').value, sort: byId('sort').value });
  if (byId('state').value !== '') query.set('state', byId('state').value);
  const token = byId('token').value;
  try {
    const answer = await fetch('/api/v1/fleet?' + query, token === '' ? {} : { headers: { authorization: 'Bearer ' + token } });
    const body = await answer.json();
    if (answer.ok) draw(body); else summary.textContent = body.detail;
  } catch { summary.textContent = 'the console does not answer'; }
};
byId('filter').addEventListener('submit', (event) => event.preventDefault());
byId('filter').addEventListener('input', ask);
setInterval(ask, 2000);
ask();
`;
