/** Colours and layout of the page, light and dark by the reader's system. */

export const STYLE = `
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#16202b;--soft:#5a6878;--faint:#8b98a7;--line:#dde3ea;--grid:#e9edf2;
--a:#1f6feb;--a-soft:#1f6feb22;--b:#c2571a;--b-soft:#c2571a22;--good:#1a7f4b;--bad:#c9313c;--right:#1f6feb;--wrong:#d9480f;--label:#7a5af5;--warn:#a86400;--on-heat:#fff}
@media (prefers-color-scheme:dark){:root{--page:#0d1218;--card:#151c24;--ink:#e7edf3;--soft:#9aa8b7;--faint:#6d7b8a;--line:#27323e;--grid:#202a35;
--a:#5aa2ff;--a-soft:#5aa2ff2b;--b:#f0905a;--b-soft:#f0905a2b;--good:#46c285;--bad:#ff6f78;--right:#4c95f5;--wrong:#f27b3d;--label:#a893ff;--warn:#e0a13c;--on-heat:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
header{margin-bottom:20px}header .chip{margin:2px 4px 2px 0}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:16px;margin:0 0 2px}
h3{font-size:13.5px;margin:0 0 6px;font-weight:600}
p{margin:0 0 10px}
.soft{color:var(--soft);font-size:13.5px}
.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12.5px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin-top:16px;min-width:0}
section>.soft{margin-bottom:12px}
.columns{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}
.columns>section{margin-top:0}
.columns,.thirds{margin-top:16px}
.thirds{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr))}
.thirds>section{margin-top:0}
.inner{display:grid;gap:22px;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}
svg{display:block;width:100%;height:auto;margin:0 auto;overflow:visible}
svg text{fill:var(--soft);font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg text.ink{fill:var(--ink)}svg text.end{text-anchor:end}svg text.mid{text-anchor:middle}svg text.on{fill:var(--on-heat)}svg text.small{font-size:9.5px}
svg .grid{stroke:var(--grid);stroke-width:1}svg .axis{stroke:var(--line);stroke-width:1}
svg .a{stroke:var(--a);fill:none}svg .b{stroke:var(--b);fill:none}svg .fill-a{fill:var(--a)}svg .fill-b{fill:var(--b)}
svg .soft-a{fill:var(--a-soft)}svg .soft-b{fill:var(--b-soft)}
svg .threshold{stroke:var(--bad);stroke-width:1.2;stroke-dasharray:5 4}
svg .command{stroke:var(--faint);stroke-width:1.6}
svg .ideal{stroke:var(--faint);stroke-width:1;stroke-dasharray:3 4}
svg .right{fill:var(--right)}svg .wrong{fill:var(--wrong)}svg .cell{stroke:var(--line);stroke-width:.7;fill:none}
svg .label-band{fill:var(--label);opacity:.13}svg .label-bar{fill:var(--label)}svg .missed-bar{fill:none;stroke:var(--bad);stroke-width:1.5}
svg .good{fill:var(--good)}svg .bad{fill:var(--bad)}
.cards{display:grid;gap:10px;grid-template-columns:repeat(auto-fill,minmax(210px,1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.card .name{color:var(--soft);font-size:12.5px}
.card .value{font-size:25px;font-weight:650;letter-spacing:-.015em;line-height:1.3;font-variant-numeric:tabular-nums}
.card .value small{font-size:14px;font-weight:500;color:var(--soft)}
.card .other{font-size:14px;color:var(--b);font-variant-numeric:tabular-nums;font-weight:600}
.card .what{color:var(--faint);font-size:11.5px;line-height:1.35}
.chip{display:inline-block;border-radius:999px;padding:0 9px;font-size:12px;line-height:20px;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.chip.a{color:var(--a)}.chip.b{color:var(--b)}.chip.good{color:var(--good)}.chip.bad{color:var(--bad)}.chip.warn{color:var(--warn)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th{color:var(--soft);font-weight:600;text-align:left;font-size:12.5px}
.named{white-space:nowrap}
th,td{padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
td .soft{font-size:12.5px}
.legend{display:flex;flex-wrap:wrap;gap:6px 16px;color:var(--soft);font-size:12.5px;margin:6px 0 4px}
.legend i{display:inline-block;width:14px;height:9px;border-radius:2px;margin-right:6px;vertical-align:0}
.concepts{display:grid;gap:18px 26px;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr))}
details{margin-top:16px;color:var(--soft);font-size:13.5px}summary{cursor:pointer;font-weight:600}
footer{margin-top:22px;color:var(--faint);font-size:12.5px}
@media print{body{background:#fff}section,.card{break-inside:avoid}}
`;
