import { Badge, Button, Card, Collapse, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "./Confirm";
import { organization, resourceName, type Role } from "./organization";
import type { PageProps } from "./pages";
import { RoleForm } from "./RoleForm";
import { Failed, Loading } from "./States";

/** Roles: the built-in ones, custom ones, and those of CQL. */
export function Roles({ onEnd }: PageProps) {
  const client = useQueryClient();
  const roles = useQuery({ queryKey: ["roles"], queryFn: organization.roles, retry: false });
  const [form, setForm] = useState<{ role?: Role }>(); // what it changes
  const [deleting, setDeleting] = useState<Role>();
  const changed = () => client.invalidateQueries({ queryKey: ["roles"] });
  const own = roles.data?.filter((r) => r.kind !== "built-in") ?? [];
  const builtIn = roles.data?.filter((r) => r.kind === "built-in") ?? [];
  // The organization's administrators have all, in the model's order.
  const actions = roles.data?.reduce<string[]>((most, r) => (r.policy.actions.length > most.length ? r.policy.actions : most), []) ?? [];

  return (
    <main className="page">
      <Group justify="space-between" mb="md">
        <Title order={2}>Roles</Title>
        {roles.data && <Button onClick={() => setForm({})}>New role</Button>}
      </Group>
      <Text c="dimmed" mb="md">A role is what tokens and users may do.</Text>
      {roles.isPending && <Loading what="roles" />}
      {roles.error && <Failed error={roles.error} onRetry={() => void roles.refetch()} onEnd={onEnd} />}
      {roles.data && (
        <Stack gap="lg">
          <section aria-label="Custom roles">
            <Title order={3} size="h4" mb="xs">Custom</Title>
            {own.length === 0 && <Text c="dimmed">There are no custom roles yet. Make one to let a token reach a single keyspace or table.</Text>}
            <RoleList roles={own} onDelete={setDeleting} onChange={(role) => setForm({ role })} />
          </section>
          <section aria-label="Built-in roles">
            <Title order={3} size="h4" mb="xs">Built in</Title>
            <RoleList roles={builtIn} />
          </section>
        </Stack>
      )}
      {form && <RoleForm role={form.role} actions={actions} onClose={() => setForm(undefined)} onEnd={onEnd} onDone={() => { setForm(undefined); void changed(); }} />}
      {deleting && (
        <Confirm title="Delete this role?" action="Delete" onClose={() => setDeleting(undefined)} onEnd={onEnd}
          run={async () => { await organization.deleteRole(deleting.id); await changed(); }}>
          Tokens of <b>{deleting.name}</b>, and users who have it, lose what it gave them at once.
        </Confirm>
      )}
    </main>
  );
}

interface Handlers {
  onDelete?: (role: Role) => void;
  onChange?: (role: Role) => void;
}

function RoleList({ roles, ...on }: Handlers & { roles: Role[] }) {
  return <Stack gap="xs" component="ul" className="cards">{roles.map((r) => <RoleCard key={r.id} role={r} {...on} />)}</Stack>;
}

function RoleCard({ role, onDelete, onChange }: Handlers & { role: Role }) {
  const [open, setOpen] = useState(false);
  const { resources, actions, description } = role.policy;
  return (
    <Card component="li" withBorder padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className="wrapped">
          <Group gap="xs"><Text fw={600} className="wrapped">{role.name}</Text>{role.kind === "cql" && <Badge variant="light" tt="none">of CQL</Badge>}</Group>
          {description !== "" && <Text size="sm" c="dimmed" className="wrapped">{description}</Text>}
        </div>
        <Group gap="xs" justify="flex-end" className="row-actions">
          <Button size="compact-sm" variant="default" aria-expanded={open} aria-label={`Details of ${role.name}`} onClick={() => setOpen(!open)}>{open ? "Less" : "Details"}</Button>
          {onChange && role.kind === "custom" && <Button size="compact-sm" variant="default" aria-label={`Change ${role.name}`} onClick={() => onChange(role)}>Change</Button>}
          {onDelete && <Button size="compact-sm" variant="default" aria-label={`Delete ${role.name}`} onClick={() => onDelete(role)}>Delete</Button>}
        </Group>
      </Group>
      <Collapse expanded={open}>
        <div className="role-details">
          {role.kind === "cql"
            ? <Text size="sm">Made by CREATE ROLE. What GRANT gave it shows <code>LIST ALL PERMISSIONS OF {role.name}</code>.</Text>
            : <>
              <Text size="sm"><b>On</b> {resources.map(resourceName).join(", ")}</Text>
              <Text size="sm" className="wrapped"><b>May</b> {actions.join(", ")}</Text>
            </>}
        </div>
      </Collapse>
    </Card>
  );
}
