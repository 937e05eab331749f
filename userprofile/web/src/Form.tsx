import { Alert, Button, Group, Stack, type ButtonProps } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";

interface FormProps {
  label: string;
  children: ReactNode;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  message?: string;
  success?: string;
  submit: string;
  busy: boolean;
  color?: ButtonProps["color"];
  extra?: ReactNode;
}

/** A form with its message and its button; messages are announced to screen readers. */
export function Form({ label, children, onSubmit, message, success, submit, busy, color, extra }: FormProps) {
  return (
    <form aria-label={label} onSubmit={onSubmit} noValidate>
      <Stack gap="md">
        {children}
        <div aria-live="polite">
          {message !== undefined && <Alert color="red" variant="light" role="alert">{message}</Alert>}
          {success !== undefined && <Alert color="teal" variant="light">{success}</Alert>}
        </div>
        <Group justify="space-between">
          <Button type="submit" loading={busy} color={color}>{submit}</Button>
          {extra}
        </Group>
      </Stack>
    </form>
  );
}
