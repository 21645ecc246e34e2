/** The page of one spacecraft of a fleet: how it is, its open alarms, its anomalies, and the account of one that was chosen. */

import { fleetDocument, TOKEN_FIELD } from './fleet-document';

export const SPACECRAFT_HTML = fleetDocument({
  title: 'Spacecraft',
  script: '/spacecraft.js',
  header: `<p><a href="/">Fleet</a></p>
<h1 id="name"></h1>
<p id="summary" role="status">loading</p>
<form id="filter">
<label>Words <input id="text" type="search" placeholder="sentence, id or parameter"></label>
<label>Anomalies <select id="state"><option value="">all</option><option>open</option><option>closed</option></select></label>
${TOKEN_FIELD}
</form>`,
  main: `<h2>Alarms</h2><ul id="alarms"></ul>
<h2>Anomalies</h2>
<div class="scrolled" tabindex="0" role="region" aria-label="Anomalies">
<table><thead><tr><th>start<th>end<th>equipment<th>fault<th>confidence<th>score<th>what</tr></thead><tbody id="anomalies"></tbody></table>
</div>
<button id="more" hidden>Show earlier ones</button>
<section id="account" aria-live="polite" hidden></section>`,
});

export const SPACECRAFT_JS = `'use strict';
const name = decodeURIComponent(location.pathname.split('/').pop());
const root = '/api/v1/fleet/' + encodeURIComponent(name);
document.title = name;
byId('name').textContent = name;
let next = null;
const percent = (share) => Math.round(share * 100) + ' %';
const showAccount = guarded(async () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const place = byId('account');
  place.hidden = id === '';
  if (id === '') return;
  const { record, revisions, requests, alarms } = await read(root + '/anomaly?' + new URLSearchParams({ id }));
  const list = document.createElement('dl');
  const { verdict, score } = record;
  for (const [term, value] of [['id', record.id], ['state', record.state + ', revision ' + record.revision + ' of ' + revisions], ['start', record.start], ['end', record.end ?? '-'], ['score', score.value.toFixed(2) + ', threshold ' + score.threshold.toFixed(2)], ['verdict', verdict.equipment + ', ' + verdict.fault + ', ' + percent(verdict.confidence)]])
    list.append(cell('dt', term), cell('dd', value));
  const shares = document.createElement('ul');
  for (const { parameter, share, direction } of record.attribution) shares.append(cell('li', parameter + ': ' + percent(share) + ', ' + direction));
  const followed = document.createElement('ul');
  for (const { command, time, rule } of requests) followed.append(cell('li', time + ' ' + command + ' by rule ' + rule));
  for (const alarm of alarms) followed.append(cell('li', alarm.name + ': ' + alarm.state + ', ' + alarm.severity));
  place.replaceChildren(cell('h2', 'Account'), cell('p', record.sentence), list, cell('h3', 'Parameters'), shares, cell('h3', 'Requests and alarms'), followed);
});
const rowOf = ({ id, start, end, equipment, fault, confidence, score, sentence }) => {
  const row = document.createElement('tr');
  const link = cell('a', start);
  link.href = '#' + encodeURIComponent(id);
  const first = document.createElement('td');
  first.append(link);
  row.append(first, cell('td', end ?? 'open'), cell('td', equipment), cell('td', fault), cell('td', percent(confidence)), cell('td', score.toFixed(1)), cell('td', sentence));
  return row;
};
const anomalies = async (cursor) => {
  const query = new URLSearchParams({ limit: '50', text: byId('text').value });
  if (byId('text').value === '') query.delete('text');
  if (byId('state').value !== '') query.set('state', byId('state').value);
  if (cursor !== null) query.set('cursor', cursor);
  const page = await read(root + '/anomalies?' + query);
  next = page.next;
  byId('more').hidden = next === null;
  return page.items.map(rowOf);
};
const show = guarded(async () => {
  const [{ rows }, { items }, found] = await Promise.all([read('/api/v1/fleet?' + new URLSearchParams({ search: name })), read(root + '/alarms'), anomalies(null)]);
  const row = rows.find(({ spacecraft }) => spacecraft === name);
  byId('summary').replaceChildren(...(row === undefined ? [] : [symbol(row.status)]), row === undefined ? 'this worker does not have it' : row.state + ', packet time ' + (row.packetTime ?? '-') + ', ' + row.frames + ' frames' + (row.reasons.length > 0 ? ': ' + row.reasons.join('; ') : ''));
  byId('alarms').replaceChildren(...(items.length === 0 ? [cell('li', 'none is open')] : items.map((alarm) => cell('li', alarm.severity + ' ' + alarm.state + ' since ' + alarm.trigger.time + ': ' + alarm.title))));
  byId('anomalies').replaceChildren(...found);
});
byId('filter').addEventListener('input', show);
byId('more').addEventListener('click', guarded(async () => byId('anomalies').append(...(await anomalies(next)))));
addEventListener('hashchange', showAccount);
setInterval(() => { if (byId('anomalies').childElementCount <= 50) show(); }, 5000);
show();
showAccount();
`;
