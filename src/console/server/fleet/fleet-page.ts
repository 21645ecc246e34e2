/** The page of a fleet: a grid that is asked for every two seconds. No package is in it. */
import { fleetDocument, TOKEN_FIELD } from './fleet-document';

export const FLEET_HTML = fleetDocument({
  title: 'Fleet',
  script: '/fleet.js',
  header: `<h1>Fleet <span id="worker"></span></h1>
<p id="summary" role="status">loading</p>
<form id="filter">
<label>Search <input id="search" type="search" placeholder="name, kind or reason"></label>
<label>State <select id="state"><option value="">all</option><option>degraded</option><option>offline</option><option>passive</option><option>online</option></select></label>
<label>Order <select id="sort"><option>urgency</option><option>name</option><option>age</option></select></label>
${TOKEN_FIELD}
</form>`,
  main: '<ul id="grid"></ul><aside id="detail" aria-live="polite" hidden></aside>',
});

export const FLEET_JS = `'use strict';
const [grid, detail, summary] = ['grid', 'detail', 'summary'].map(byId);
let chosen = null;
const age = (seconds) => seconds === null ? 'no telemetry' : seconds < 90 ? Math.round(seconds) + ' s ago' : Math.round(seconds / 60) + ' min ago';
const many = (count, one, more) => count + ' ' + (count === 1 ? one : more);
const counts = (row) => row.openAlarms + row.openAnomalies === 0 ? 'quiet' : many(row.openAlarms, 'alarm', 'alarms') + ', ' + many(row.openAnomalies, 'anomaly', 'anomalies') + (row.worst > 0 ? ', worst ' + row.worst.toFixed(1) : '');
const show = (row) => {
  detail.hidden = row === undefined;
  if (row === undefined) return;
  const list = document.createElement('dl');
  for (const [name, value] of [['state', row.state], ['kind', row.member], ['partition', row.partition === null ? 'whole fleet' : row.partition], ['packet time', row.packetTime ?? '-'], ['last message', age(row.ageSeconds)], ['frames', row.frames], ['open', counts(row)]])
    list.append(cell('dt', name), cell('dd', String(value)));
  const reasons = document.createElement('ul');
  for (const reason of row.reasons) reasons.append(cell('li', reason));
  const link = cell('a', 'anomalies, alarms, accounts');
  link.href = '/spacecraft/' + encodeURIComponent(row.spacecraft);
  detail.replaceChildren(cell('strong', row.spacecraft), list, reasons, link);
};
const draw = (view) => {
  byId('worker').textContent = view.worker;
  const degraded = view.rows.filter((row) => row.state !== 'online').length;
  summary.textContent = view.found + ' of ' + view.total + ' spacecraft, ' + degraded + ' not online, at ' + view.time;
  // Whoever moves by keyboard stays where they are.
  const focused = document.activeElement?.dataset?.spacecraft;
  grid.replaceChildren(...view.rows.map((row) => {
    const button = document.createElement('button');
    button.className = 'status-' + row.status;
    button.dataset.spacecraft = row.spacecraft;
    const title = cell('strong', row.spacecraft);
    title.prepend(symbol(row.status));
    button.append(title, cell('span', row.state + ', ' + age(row.ageSeconds)), document.createElement('br'), cell('span', counts(row)));
    button.addEventListener('click', () => { chosen = chosen === row.spacecraft ? null : row.spacecraft; show(chosen === null ? undefined : row); });
    const item = document.createElement('li');
    item.append(button);
    return item;
  }));
  if (focused !== undefined) [...grid.querySelectorAll('button')].find(({ dataset }) => dataset.spacecraft === focused)?.focus();
  show(view.rows.find((row) => row.spacecraft === chosen));
};
const ask = guarded(async () => {
  const query = new URLSearchParams({ search: byId('search').value, sort: byId('sort').value });
  if (byId('state').value !== '') query.set('state', byId('state').value);
  draw(await read('/api/v1/fleet?' + query));
});
byId('filter').addEventListener('input', ask);
setInterval(ask, 2000);
ask();
`;
