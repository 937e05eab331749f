import { Button, Card, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "./Confirm";
import { NewToken } from "./NewToken";
import { organization, timeText, type Role, type Secret, type Token } from "./organization";
import type { PageProps } from "./pages";
import { SecretOnce } from "./SecretOnce";
import { Failed, Loading } from "./States";

/** Application tokens: what there are, new ones, and revoking them. */
export function Tokens({ session, onEnd }: PageProps) {
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: organization.tokens, retry: false });
  const roles = useQuery({ queryKey: ["roles"], queryFn: organization.roles, retry: false });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<Secret>();
  const [revoking, setRevoking] = useState<Token>();
  const changed = () => client.invalidateQueries({ queryKey: ["tokens"] });

  return (
    <main className="page">
      <Group justify="space-between" mb="md">
        <Title order={2}>Tokens</Title>
        {tokens.data && <Button onClick={() => setMaking(true)}>New token</Button>}
      </Group>
      <Text c="dimmed" mb="md">A token is how a program gets in. It may do what its role may.</Text>
      {tokens.isPending && <Loading what="tokens" />}
      {tokens.error && <Failed error={tokens.error} onRetry={() => void tokens.refetch()} onEnd={onEnd} />}
      {tokens.data?.length === 0 && <Text c="dimmed">There are no tokens yet.</Text>}
      {tokens.data && tokens.data.length > 0 && (
        <>
          <TokenTable tokens={tokens.data} roles={roles.data} own={session.clientId} onRevoke={setRevoking} />
          <TokenCards tokens={tokens.data} roles={roles.data} own={session.clientId} onRevoke={setRevoking} />
        </>
      )}
      {making && <NewToken roles={roles.data} error={roles.error} onClose={() => setMaking(false)} onEnd={onEnd}
        onDone={(made) => { setMaking(false); setSecret(made); void changed(); }} />}
      {secret && <SecretOnce title="Your new token" onClose={() => setSecret(undefined)}
        fields={[{ name: "Token", value: secret.token }, { name: "Client id", value: secret.clientId }, { name: "Client secret", value: secret.secret }]}
        note="HTTP APIs take the token; CQL the client id with its secret, or the user “token” with the token." />}
      {revoking && (
        <Confirm title="Revoke this token?" action="Revoke" onClose={() => setRevoking(undefined)} onEnd={onEnd}
          run={async () => { await organization.revokeToken(revoking.clientId); await changed(); }}>
          What uses <Code>{revoking.clientId}</Code>{revoking.description !== "" && <> ({revoking.description})</>} is shut out at once, for good.
          {revoking.clientId === session.clientId && <Text c="red" mt="xs">You are logged in with this token.</Text>}
        </Confirm>
      )}
    </main>
  );
}

interface ListProps {
  tokens: Token[];
  roles: Role[] | undefined;
  /** The client id of the session's own token. */
  own: string;
  onRevoke: (token: Token) => void;
}

function roleName(token: Token, roles: Role[] | undefined): string {
  return roles?.find((r) => r.id === token.roles[0])?.name ?? "a role that is gone";
}

const ended = (token: Token) => token.tokenExpiry !== undefined && new Date(token.tokenExpiry) <= new Date();
const expiry = (token: Token) => (ended(token) ? "expired " : "") + (timeText(token.tokenExpiry) || "never");

function TokenTable({ tokens, roles, own, onRevoke }: ListProps) {
  return (
    <Table.ScrollContainer minWidth={760} visibleFrom="sm">
      <Table verticalSpacing="sm" aria-label="Tokens">
        <Table.Thead>
          <Table.Tr>{["Client id", "Role", "Description", "Made", "Expires", "Last used"].map((h) => <Table.Th key={h}>{h}</Table.Th>)}<Table.Th><span className="unseen">Revoke</span></Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((t) => (
            <Table.Tr key={t.clientId}>
              <Table.Td><Code>{t.clientId}</Code>{t.clientId === own && <Text size="xs" c="dimmed">this session</Text>}</Table.Td>
              <Table.Td>{roleName(t, roles)}</Table.Td>
              <Table.Td className="wrapped">{t.description}</Table.Td>
              <Table.Td>{timeText(t.generatedOn)}</Table.Td>
              <Table.Td>{expiry(t)}</Table.Td>
              <Table.Td>{timeText(t.lastUsedOn) || "never"}</Table.Td>
              <Table.Td><Button size="compact-sm" variant="default" aria-label={`Revoke ${t.clientId}`} onClick={() => onRevoke(t)}>Revoke</Button></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function TokenCards({ tokens, roles, own, onRevoke }: ListProps) {
  return (
    <Stack hiddenFrom="sm" component="ul" className="cards" aria-label="Tokens">
      {tokens.map((t) => (
        <Card key={t.clientId} component="li" withBorder padding="sm">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div className="wrapped">
              <Text fw={600}>{roleName(t, roles)}</Text>
              <Code className="wrapped">{t.clientId}</Code>
            </div>
            <Button size="compact-sm" variant="default" aria-label={`Revoke ${t.clientId}`} onClick={() => onRevoke(t)}>Revoke</Button>
          </Group>
          {t.clientId === own && <Text size="sm">This session uses it.</Text>}
          {t.description !== "" && <Text size="sm" className="wrapped">{t.description}</Text>}
          <Text size="sm" c="dimmed">Made {timeText(t.generatedOn)} · expires {expiry(t)} · used {timeText(t.lastUsedOn) || "never"}</Text>
        </Card>
      ))}
    </Stack>
  );
}
