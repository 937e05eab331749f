import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "./Confirm";
import { organization, type User } from "./organization";
import type { PageProps } from "./pages";
import { SecretOnce } from "./SecretOnce";
import { Failed, Loading } from "./States";
import { NewUser, UserPassword, UserRoles, type Credentials } from "./UserForms";

/** What is done to a user; "make" has none yet. */
type Doing = { what: "make" } | { what: "roles" | "password" | "delete"; user: User };

/** Users: who logs in with a name and a password, and what roles they have. */
export function Users({ onEnd }: PageProps) {
  const client = useQueryClient();
  const users = useQuery({ queryKey: ["users"], queryFn: organization.users, retry: false });
  const roles = useQuery({ queryKey: ["roles"], queryFn: organization.roles, retry: false });
  const [doing, setDoing] = useState<Doing>();
  const [secret, setSecret] = useState<Credentials>();
  const close = () => setDoing(undefined);
  const changed = () => Promise.all(["users", "roles"].map((queryKey) => client.invalidateQueries({ queryKey: [queryKey] })));
  const done = (made?: Credentials) => { close(); setSecret(made); void changed(); };
  // A user is a role of CQL, too: that one is nobody else's to have.
  const toGive = roles.data?.filter((r) => !users.data?.some((u) => u.userID === r.id)) ?? [];
  const form = { onClose: close, onEnd };

  return (
    <main className="page">
      <Group justify="space-between" mb="md">
        <Title order={2}>Users</Title>
        {users.data && <Button onClick={() => setDoing({ what: "make" })}>New user</Button>}
      </Group>
      <Text c="dimmed" mb="md">A user logs in with a name and a password: to CQL, or for a token of the HTTP APIs at <code>/v1/auth</code>.</Text>
      {users.isPending && <Loading what="users" />}
      {users.error && <Failed error={users.error} onRetry={() => void users.refetch()} onEnd={onEnd} />}
      {roles.error && !users.error && <Failed error={roles.error} onRetry={() => void roles.refetch()} onEnd={onEnd} />}
      {users.data?.length === 0 && <Text c="dimmed">There are no users yet. Programs do without: they use tokens.</Text>}
      {users.data && users.data.length > 0 && (
        <Stack gap="xs" component="ul" className="cards" aria-label="Users">
          {users.data.map((u) => <UserCard key={u.userID} user={u} onDo={(what) => setDoing({ what, user: u })} />)}
        </Stack>
      )}
      {doing?.what === "make" && <NewUser roles={toGive} onDone={done} {...form} />}
      {doing?.what === "roles" && <UserRoles user={doing.user} roles={toGive} onDone={() => done()} {...form} />}
      {doing?.what === "password" && <UserPassword user={doing.user} onDone={done} {...form} />}
      {doing?.what === "delete" && (
        <Confirm title="Delete this user?" action="Delete" run={async () => { await organization.deleteUser(doing.user.userID); await changed(); }} {...form}>
          <b className="wrapped">{doing.user.email}</b> is shut out at once, for good.
        </Confirm>
      )}
      {secret?.password !== undefined && <SecretOnce title={`The password of ${secret.name}`} onClose={() => setSecret(undefined)}
        fields={[{ name: "Password", value: secret.password }, { name: "Name", value: secret.name }]}
        note="cqlsh and drivers take name and password; the HTTP APIs a token that POST /v1/auth gives for them." />}
    </main>
  );
}

function UserCard({ user, onDo }: { user: User; onDo: (what: "roles" | "password" | "delete") => void }) {
  const action = (what: "roles" | "password" | "delete", label: string) => (
    <Button size="compact-sm" variant="default" aria-label={`${label} of ${user.email}`} onClick={() => onDo(what)}>{label}</Button>
  );
  return (
    <Card component="li" withBorder padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className="wrapped">
          <Group gap="xs">
            <Text fw={600} className="wrapped">{user.email}</Text>
            {user.status === "invited" && <Badge variant="light" color="gray" tt="none">no password yet</Badge>}
          </Group>
          <Text size="sm" c="dimmed" className="wrapped">{user.roles.length === 0 ? "no roles" : user.roles.map((r) => r.name).join(", ")}</Text>
        </div>
        <Group gap="xs" justify="flex-end" className="row-actions">
          {action("roles", "Roles")}
          {action("password", "Password")}
          <Button size="compact-sm" variant="default" aria-label={`Delete ${user.email}`} onClick={() => onDo("delete")}>Delete</Button>
        </Group>
      </Group>
    </Card>
  );
}
