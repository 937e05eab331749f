import { Badge, Button, Card, Collapse, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "./Confirm";
import { NewRole } from "./NewRole";
import { organization, resourceName, type Role } from "./organization";
import type { PageProps } from "./pages";
import { Failed, Loading } from "./States";

/** Roles: the built-in ones, custom ones, and those of CQL. */
export function Roles({ onEnd }: PageProps) {
  const client = useQueryClient();
  const roles = useQuery({ queryKey: ["roles"], queryFn: organization.roles, retry: false });
  const [making, setMaking] = useState(false);
  const [deleting, setDeleting] = useState<Role>();
  const changed = () => client.invalidateQueries({ queryKey: ["roles"] });
  const own = roles.data?.filter((r) => r.kind !== "built-in") ?? [];
  const builtIn = roles.data?.filter((r) => r.kind === "built-in") ?? [];

  return (
    <main className="page">
      <Group justify="space-between" mb="md">
        <Title order={2}>Roles</Title>
        {roles.data && <Button onClick={() => setMaking(true)}>New role</Button>}
      </Group>
      <Text c="dimmed" mb="md">A role is what tokens and users may do.</Text>
      {roles.isPending && <Loading what="roles" />}
      {roles.error && <Failed error={roles.error} onRetry={() => void roles.refetch()} onEnd={onEnd} />}
      {roles.data && (
        <Stack gap="lg">
          <section aria-label="Custom roles">
            <Title order={3} size="h4" mb="xs">Custom</Title>
            {own.length === 0 && <Text c="dimmed">There are no custom roles yet. Make one to let a token reach a single keyspace or table.</Text>}
            <RoleList roles={own} onDelete={setDeleting} />
          </section>
          <section aria-label="Built-in roles">
            <Title order={3} size="h4" mb="xs">Built in</Title>
            <RoleList roles={builtIn} />
          </section>
        </Stack>
      )}
      {making && <NewRole onClose={() => setMaking(false)} onEnd={onEnd} onDone={() => { setMaking(false); void changed(); }} />}
      {deleting && (
        <Confirm title="Delete this role?" action="Delete" onClose={() => setDeleting(undefined)} onEnd={onEnd}
          run={async () => { await organization.deleteRole(deleting.id); await changed(); }}>
          Tokens of <b>{deleting.name}</b>, and users who have it, lose what it gave them at once.
        </Confirm>
      )}
    </main>
  );
}

function RoleList({ roles, onDelete }: { roles: Role[]; onDelete?: (role: Role) => void }) {
  return <Stack gap="xs" component="ul" className="cards">{roles.map((r) => <RoleCard key={r.id} role={r} onDelete={onDelete} />)}</Stack>;
}

function RoleCard({ role, onDelete }: { role: Role; onDelete?: (role: Role) => void }) {
  const [open, setOpen] = useState(false);
  const { resources, actions, description } = role.policy;
  return (
    <Card component="li" withBorder padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className="wrapped">
          <Group gap="xs"><Text fw={600} className="wrapped">{role.name}</Text>{role.kind === "cql" && <Badge variant="light" tt="none">of CQL</Badge>}</Group>
          {description !== "" && <Text size="sm" c="dimmed" className="wrapped">{description}</Text>}
        </div>
        <Group gap="xs" wrap="nowrap">
          <Button size="compact-sm" variant="default" aria-expanded={open} aria-label={`Details of ${role.name}`} onClick={() => setOpen(!open)}>{open ? "Less" : "Details"}</Button>
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
