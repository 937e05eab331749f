import { Button, Group, Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { organization, type Role, type User } from "./organization";
import { PasswordChoice, passwordOf, passwordProblem, type Password } from "./PasswordChoice";
import { Failed } from "./States";

/** A name, and the password that was made for it: undefined when none was. */
export interface Credentials { name: string; password?: string }

interface Props {
  onClose: () => void;
  onEnd: (notice?: string) => void;
}

interface FormProps extends Props {
  title: string;
  action: string;
  busy: boolean;
  failure: Error | null;
  onSubmit: () => void;
  children: ReactNode;
}

function Form({ title, action, busy, failure, onSubmit, onClose, onEnd, children }: FormProps) {
  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate aria-label={title}>
        <Stack>
          {children}
          {failure && <Failed error={failure} onEnd={onEnd} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={busy}>{action}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function RoleSelect({ roles, value, onChange, first }: { roles: Role[]; value: string[]; onChange: (ids: string[]) => void; first?: boolean }) {
  return (
    <MultiSelect label="Roles" placeholder={value.length === 0 ? "What the user may do" : undefined} searchable clearable nothingFoundMessage="No such role" data-autofocus={first}
      clearButtonProps={{ "aria-label": "Take all roles" }} data={roles.map((r) => ({ value: r.id, label: r.name }))} value={value} onChange={onChange} />
  );
}

/** Makes a user. */
export function NewUser({ roles, onDone, ...props }: Props & { roles: Role[]; onDone: (made: Credentials) => void }) {
  const [name, setName] = useState("");
  const [given, setGiven] = useState<string[]>([]);
  const [password, setPassword] = useState<Password>({ how: "made", typed: "" });
  const [problem, setProblem] = useState<{ name?: string; password?: string }>({});
  const making = useMutation({
    mutationFn: async () => {
      const secret = passwordOf(password);
      await organization.makeUser({ email: name.trim(), roles: given, password: secret });
      return { name: name.trim(), password: password.how === "made" ? secret : undefined };
    },
    onSuccess: onDone,
  });

  function submit() {
    const found = { name: name.trim() === "" ? "Enter a name." : undefined, password: passwordProblem(password) };
    setProblem(found);
    if (found.name === undefined && found.password === undefined) making.mutate();
  }
  return (
    <Form title="New user" action="Make the user" busy={making.isPending} failure={making.error} onSubmit={submit} {...props}>
      <TextInput label="Name" description="What the user logs in with" required value={name} error={problem.name} maxLength={200} autoComplete="off" data-autofocus
        onChange={(e) => { setName(e.currentTarget.value); setProblem({}); }} />
      <RoleSelect roles={roles} value={given} onChange={setGiven} />
      <PasswordChoice value={password} error={problem.password} later onChange={(v) => { setPassword(v); setProblem({}); }} />
    </Form>
  );
}

/** Gives a user just the roles that are chosen. */
export function UserRoles({ user, roles, onDone, ...props }: Props & { user: User; roles: Role[]; onDone: () => void }) {
  const [given, setGiven] = useState(user.roles.map((r) => r.id));
  const saving = useMutation({ mutationFn: () => organization.setUserRoles(user.userID, given), onSuccess: onDone });
  return (
    <Form title={`Roles of ${user.email}`} action="Save" busy={saving.isPending} failure={saving.error} onSubmit={() => saving.mutate()} {...props}>
      <RoleSelect roles={roles} value={given} onChange={setGiven} first />
    </Form>
  );
}

/** Sets a user's password. */
export function UserPassword({ user, onDone, ...props }: Props & { user: User; onDone: (set: Credentials) => void }) {
  const [password, setPassword] = useState<Password>({ how: "made", typed: "" });
  const [problem, setProblem] = useState<string>();
  const saving = useMutation({
    mutationFn: async () => {
      const secret = passwordOf(password);
      await organization.setPassword(user.userID, secret);
      return { name: user.email, password: password.how === "made" ? secret : undefined };
    },
    onSuccess: onDone,
  });

  function submit() {
    const found = passwordProblem(password);
    setProblem(found);
    if (found === undefined) saving.mutate();
  }
  return (
    <Form title={`Password of ${user.email}`} action="Set the password" busy={saving.isPending} failure={saving.error} onSubmit={submit} {...props}>
      <PasswordChoice value={password} error={problem} onChange={(v) => { setPassword(v); setProblem(undefined); }} />
    </Form>
  );
}
