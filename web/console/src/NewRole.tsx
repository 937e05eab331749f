import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "./api";
import { grants, organization, policyOf } from "./organization";
import { Failed } from "./States";

interface Props {
  onDone: () => void;
  onClose: () => void;
  onEnd: (notice?: string) => void;
}

/** Makes a custom role that reaches a keyspace, or one table of it. */
export function NewRole({ onDone, onClose, onEnd }: Props) {
  const schema = useQuery({ queryKey: ["schema"], queryFn: api.schema, retry: false });
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [keyspace, setKeyspace] = useState("*");
  const [table, setTable] = useState("");
  const [given, setGiven] = useState<string[]>([grants[0].label, grants[1].label, grants[3].label]);
  const [problem, setProblem] = useState<{ name?: string; grants?: string }>({});
  const making = useMutation({
    mutationFn: async () => {
      const actions = grants.filter((g) => given.includes(g.label)).flatMap((g) => g.actions);
      return organization.makeRole(name.trim(), policyOf(await organization.id(), keyspace, table, actions, description.trim()));
    },
    onSuccess: onDone,
  });
  const keyspaces = schema.data?.keyspaces.filter((k) => !k.system) ?? [];
  const tables = keyspaces.find((k) => k.name === keyspace)?.tables ?? [];

  function submit(event: FormEvent) {
    event.preventDefault();
    const found = { name: name.trim() === "" ? "Enter a name." : undefined, grants: given.length === 0 ? "Choose at least one." : undefined };
    setProblem(found);
    if (found.name === undefined && found.grants === undefined) making.mutate();
  }

  return (
    <Modal opened onClose={onClose} title="New role" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate aria-label="New role">
        <Stack>
          <TextInput label="Name" required value={name} error={problem.name} maxLength={200} data-autofocus onChange={(e) => { setName(e.currentTarget.value); setProblem({}); }} />
          <TextInput label="Description" value={description} maxLength={500} onChange={(e) => setDescription(e.currentTarget.value)} />
          {schema.error && <Failed error={schema.error} onEnd={onEnd} />}
          <NativeSelect label="Keyspace" value={keyspace} onChange={(e) => { setKeyspace(e.currentTarget.value); setTable(""); }}
            data={[{ value: "*", label: "Every keyspace" }, ...keyspaces.map((k) => ({ value: k.name, label: k.name }))]} />
          <NativeSelect label="Table" value={table} disabled={keyspace === "*"} onChange={(e) => setTable(e.currentTarget.value)}
            data={[{ value: "", label: "Every table" }, ...tables.map((t) => ({ value: t.name, label: t.name }))]} />
          <Checkbox.Group label="May" required value={given} error={problem.grants} onChange={(v) => { setGiven(v); setProblem({}); }}>
            <Stack gap="xs" mt="xs">{grants.map((g) => <Checkbox key={g.label} value={g.label} label={g.label} />)}</Stack>
          </Checkbox.Group>
          {making.error && <Failed error={making.error} onEnd={onEnd} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={making.isPending}>Make the role</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
