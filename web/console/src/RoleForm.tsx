import { Button, Group, Modal, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ActionChoice } from "./ActionChoice";
import { api } from "./api";
import { grants, organization, resourceName, resourcesOf, scopePattern, scopesOf, type Role } from "./organization";
import { Failed } from "./States";

interface Props {
  /** The custom role that is changed, none for a new one. */
  role?: Role;
  /** All actions that there are. */
  actions: string[];
  onDone: () => void;
  onClose: () => void;
  onEnd: (notice?: string) => void;
}

const usual = [...grants[0].actions, ...grants[1].actions, ...grants[3].actions];

/** Makes or changes a custom role: what it may do, on which keyspaces and tables. */
export function RoleForm({ role, actions, onDone, onClose, onEnd }: Props) {
  const schema = useQuery({ queryKey: ["schema"], queryFn: api.schema, retry: false });
  const was = scopesOf(role?.policy.resources ?? []);
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.policy.description ?? "");
  const [scopes, setScopes] = useState(was.scopes);
  const [given, setGiven] = useState(role?.policy.actions ?? usual);
  const [problem, setProblem] = useState<{ name?: string; scopes?: string; actions?: string }>({});
  const saving = useMutation({
    mutationFn: async () => {
      const resources = [...was.others, ...resourcesOf(await organization.id(), scopes)];
      const policy = { description: description.trim(), effect: "allow" as const, resources, actions: given };
      return role ? organization.changeRole(role.id, role.name, policy) : organization.makeRole(name.trim(), policy);
    },
    onSuccess: onDone,
  });
  const keyspaces = schema.data?.keyspaces.filter((k) => !k.system) ?? [];
  const known = ["*", ...keyspaces.flatMap((k) => [`${k.name}.*`, ...k.tables.map((t) => `${k.name}.${t.name}`)])];

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = scopes.find((s) => !scopePattern.test(s));
    const found = {
      name: name.trim() === "" ? "Enter a name." : undefined,
      scopes: wrong !== undefined ? `${wrong} is none of *, keyspace.* and keyspace.table.` : scopes.length + was.others.length === 0 ? "Name at least one." : undefined,
      actions: given.length === 0 ? "Choose at least one." : undefined,
    };
    setProblem(found);
    if (Object.values(found).every((p) => p === undefined)) saving.mutate();
  }

  const title = role ? `Change ${role.name}` : "New role";
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate aria-label={title}>
        <Stack>
          <TextInput label="Name" required value={name} error={problem.name} maxLength={200} disabled={role !== undefined} data-autofocus={role ? undefined : true}
            onChange={(e) => { setName(e.currentTarget.value); setProblem({}); }} />
          <TextInput label="Description" value={description} maxLength={500} onChange={(e) => setDescription(e.currentTarget.value)} />
          {schema.error && <Failed error={schema.error} onEnd={onEnd} />}
          <TagsInput label="On" required withAsterisk placeholder={scopes.length === 0 ? "shop.* or shop.orders" : undefined}
            description="keyspace.table, keyspace.* for all its tables, * for everything. Keyspaces and tables need not be there yet."
            data={known} value={scopes} error={problem.scopes} maxTags={500} acceptValueOnBlur onChange={(v) => { setScopes(v); setProblem({}); }} />
          {was.others.length > 0 && <Text size="sm" c="dimmed">Kept beside these: {was.others.map(resourceName).join(", ")}.</Text>}
          <ActionChoice all={actions} value={given} error={problem.actions} onChange={(v) => { setGiven(v); setProblem({}); }} />
          {saving.error && <Failed error={saving.error} onEnd={onEnd} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={saving.isPending}>{role ? "Save" : "Make the role"}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
