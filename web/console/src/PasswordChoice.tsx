import { PasswordInput, Radio, Stack } from "@mantine/core";
import { randomPassword } from "./organization";

/** How a password is chosen, and the one that was typed. */
export interface Password { how: "made" | "typed" | "later"; typed: string }

/** The least that is taken of a typed one. */
const leastLength = 8;

export function passwordProblem(p: Password): string | undefined {
  return p.how === "typed" && p.typed.length < leastLength ? `Enter at least ${leastLength} characters.` : undefined;
}

/** The password that is chosen: a new one each time if it is to be made, "" for later. */
export function passwordOf(p: Password): string {
  return p.how === "made" ? randomPassword() : p.how === "typed" ? p.typed : "";
}

interface Props {
  value: Password;
  error?: string;
  /** Whether there may be none for now. */
  later?: boolean;
  onChange: (value: Password) => void;
}

/** A password is made here and shown once, or typed, or comes later. */
export function PasswordChoice({ value, error, later, onChange }: Props) {
  return (
    <Stack gap="xs">
      <Radio.Group label="Password" value={value.how} onChange={(how) => onChange({ ...value, how: how as Password["how"] })}>
        <Stack gap="xs" mt="xs">
          <Radio value="made" label="Make one, to be shown once" />
          <Radio value="typed" label="Enter one" />
          {later && <Radio value="later" label="Later: the user can't log in yet" />}
        </Stack>
      </Radio.Group>
      {value.how === "typed" && <PasswordInput label="The password" required autoComplete="new-password" value={value.typed} error={error} maxLength={72}
        onChange={(e) => onChange({ ...value, typed: e.currentTarget.value })} />}
    </Stack>
  );
}
