/** An astrolabe. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Astrolabe" fill="none" strokeLinecap="round">
      <g stroke="var(--mantine-primary-color-filled)">
        <circle cx="16" cy="17" r="12" strokeWidth="2.5" />
        <circle cx="16" cy="17" r="6" strokeWidth="1.6" />
        <circle cx="16" cy="3.5" r="2" strokeWidth="1.8" />
      </g>
      <path d="M16 17 24 9M16 17 11 24" stroke="var(--mantine-color-orange-7)" strokeWidth="2.2" />
    </svg>
  );
}
