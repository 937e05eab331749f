import { Button, CopyButton as Copy } from "@mantine/core";

/** Copies a text, and says so. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  return (
    <Copy value={text} timeout={2000}>
      {({ copied, copy }) => <Button size="compact-sm" variant="default" onClick={copy} aria-live="polite">{copied ? "Copied" : label}</Button>}
    </Copy>
  );
}
