/** What both pages of a fleet have: the frame of the document, the look, and the first lines of the script. */
import { ASTRO_LOOK, astroStatuses } from '../../../core/alarms/severity-status';

interface Parts {
  readonly title: string;
  /** Address of its script. */
  readonly script: string;
  readonly header: string;
  readonly main: string;
}

/** The whole document. Nothing in it is inline (headers.ts). */
export const fleetDocument = ({ title, script, header, main }: Parts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/fleet.css">
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
<script src="/fleet-common.js"></script>
<script src="${script}"></script>
</body>
</html>
`;

/** The field that both forms end with. */
export const TOKEN_FIELD =
  '<label>Token <input id="token" type="password" autocomplete="off" placeholder="from beyond this machine"></label>';

const statusColours = astroStatuses
  .map((status) => `.status-${status} { --status: ${ASTRO_LOOK[status].colour}; }`)
  .join('\n');

/** On a dark ground, as the colours of the statuses are meant for. */
export const FLEET_CSS = `:root { color-scheme: dark; background: #0c1117; color: #e6edf3; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 0 1rem; }
a { color: #7cc4ff; }
header { position: sticky; top: 0; background: #0c1117; padding-bottom: .5rem; }
h1 { font-size: 1.2rem; margin: .5rem 0 0; }
#summary { margin: 0 0 .5rem; }
form { display: flex; gap: .3rem 1rem; flex-wrap: wrap; }
#grid { list-style: none; padding: 0; display: grid; gap: .4rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
#grid button { width: 100%; height: 100%; text-align: left; font: inherit; padding: .4rem .5rem; border: 1px solid #2b3744; border-left: .3rem solid var(--status); border-radius: .2rem; background: #131a22; color: inherit; cursor: pointer; }
${statusColours}
.symbol { width: .9em; height: .9em; margin-right: .4em; vertical-align: -.05em; fill: var(--status); fill-rule: evenodd; }
#grid strong { display: block; }
#detail { position: fixed; right: 1rem; bottom: 1rem; max-width: min(26rem, calc(100vw - 4rem)); background: #1b242e; border: 1px solid #2b3744; padding: .5rem 1rem; }
#alarms { padding-left: 1.2rem; }
.scrolled { overflow-x: auto; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .8rem; margin: .5rem 0; }
dd { margin: 0; }
dd, #account p, #account li { overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #2b3744; }
`;

const paths = Object.fromEntries(astroStatuses.map((status) => [status, ASTRO_LOOK[status].path]));

export const COMMON_JS = `'use strict';
const SYMBOLS = ${JSON.stringify(paths)};
const byId = (id) => document.getElementById(id);
const cell = (tag, text) => { const made = document.createElement(tag); made.textContent = text; return made; };
const symbol = (status) => {
  const [drawn, path] = ['svg', 'path'].map((tag) => document.createElementNS('http://www.w3.org/2000/svg', tag));
  drawn.setAttribute('class', 'symbol status-' + status);
  drawn.setAttribute('viewBox', '0 0 16 16');
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', status);
  path.setAttribute('d', SYMBOLS[status]);
  drawn.append(path);
  return drawn;
};
const read = async (path) => {
  const token = byId('token').value;
  const answer = await fetch(path, token === '' ? {} : { headers: { authorization: 'Bearer ' + token } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
};
const guarded = (work) => async () => {
  try { await work(); } catch (error) { byId('summary').textContent = error instanceof TypeError ? 'the console does not answer' : error.message; }
};
byId('filter').addEventListener('submit', (event) => event.preventDefault());
`;
