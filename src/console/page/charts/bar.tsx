/** One value as a bar of a table; the number stands beside it. */
export const Bar = ({ share }: { share: number }) => (
  <svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect width={Math.min(100, Math.max(0, share * 100))} height={12} />
  </svg>
);
