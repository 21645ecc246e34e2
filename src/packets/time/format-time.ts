/** Times as text: ISO 8601, UTC, with microseconds when there are any. */
export const formatTime = (timeMs: number): string => {
  const wholeMs = Math.floor(timeMs);
  const micro = Math.round((timeMs - wholeMs) * 1000);
  const base = new Date(micro === 1000 ? wholeMs + 1 : wholeMs).toISOString();
  return micro === 0 || micro === 1000 ? base : base.replace('Z', `${String(micro).padStart(3, '0')}Z`);
};
