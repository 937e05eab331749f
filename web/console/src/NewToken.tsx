import { Button, Group, Modal, NativeSelect, Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { organization, type Role, type Secret } from "./organization";
import { Failed } from "./States";

const lifetimes = [
  { value: "", label: "Never" },
  { value: "1", label: "In a day" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
];

interface Props {
  roles: Role[] | undefined;
  error: Error | null;
  onDone: (secret: Secret) => void;
  onClose: () => void;
  onEnd: (notice?: string) => void;
}

/** Makes a token of a role. */
export function NewToken({ roles, error, onDone, onClose, onEnd }: Props) {
  const [role, setRole] = useState<string | null>(null);
  const [description, setDescription] = useState("");
  const [days, setDays] = useState("");
  const [missing, setMissing] = useState(false);
  const making = useMutation({
    mutationFn: () => organization.makeToken({
      roles: [role!], description: description.trim(),
      ...(days === "" ? {} : { tokenExpiry: new Date(Date.now() + Number(days) * 86_400_000).toISOString() }),
    }),
    onSuccess: onDone,
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (role === null) return setMissing(true);
    making.mutate();
  }

  return (
    <Modal opened onClose={onClose} title="New token" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate aria-label="New token">
        <Stack>
          {error && <Failed error={error} onEnd={onEnd} />}
          <Select label="Role" placeholder="What it may do" data={(roles ?? []).map((r) => ({ value: r.id, label: r.name }))} searchable required withAsterisk
            nothingFoundMessage="No such role" value={role} error={missing ? "Choose a role." : undefined} data-autofocus
            onChange={(value) => { setRole(value); setMissing(false); }} />
          <TextInput label="Description" placeholder="What it is for" maxLength={500} value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
          <NativeSelect label="Expires" data={lifetimes} value={days} onChange={(e) => setDays(e.currentTarget.value)} />
          {making.error && <Failed error={making.error} onEnd={onEnd} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={making.isPending}>Make the token</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
