import { Alert, Button, Group, Loader, PasswordInput, Stack, Tabs, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api";
import { CopyButton } from "../CopyButton";
import type { PageProps } from "../pages";
import { snippets } from "./snippets";

/** How to reach this database from everywhere else. The token that is typed here stays on the page. */
export function ConnectPage({ session }: PageProps) {
  const [token, setToken] = useState("");
  const connection = useQuery({ queryKey: ["connection"], queryFn: reach, retry: false });
  if (connection.error) {
    return (
      <main className="page">
        <Alert color="red" variant="light" role="alert" title="The addresses can’t be shown">
          <Stack align="start" gap="xs">{connection.error.message}<Button size="compact-sm" variant="default" onClick={() => void connection.refetch()}>Try again</Button></Stack>
        </Alert>
      </main>
    );
  }
  if (!connection.data) return <main className="page"><Loader aria-label="Loading" /></main>;
  const typed = token.trim();
  const all = snippets({ ...connection.data, origin: location.origin, token: typed || "YOUR_TOKEN" });
  const odd = typed !== "" && !/^AstraCS:[A-Za-z0-9]+:[0-9a-f]+$/.test(typed);
  return (
    <main className="page">
      <Title order={2} size="h3">Connect</Title>
      <Text c="dimmed" mb="md">
        Database {session.database.name}: CQL at {connection.data.host}:{connection.data.cqlPort}, HTTP APIs at {location.origin}, gRPC at {connection.data.host}:{connection.data.grpcPort}.
      </Text>
      <PasswordInput label="Application token" description="Paste one, and the snippets run as they are. It stays on this page and is gone when you leave it." placeholder="AstraCS:…"
        maw={640} mb="lg" autoComplete="off" spellCheck={false} value={token} onChange={(e) => setToken(e.currentTarget.value)}
        error={odd ? "This does not look like an application token." : undefined} />
      {connection.data.tls && <Alert variant="light" mb="md">This server speaks TLS. Clients have to trust its authority: the snippets read it from ca.crt, which is in tls/ in the server’s data directory if the server made its own.</Alert>}
      <Tabs defaultValue={all[0]!.id} keepMounted={false}>
        <Tabs.List className="connect-tabs">{all.map((s) => <Tabs.Tab key={s.id} value={s.id}>{s.title}</Tabs.Tab>)}</Tabs.List>
        {all.map((s) => (
          <Tabs.Panel key={s.id} value={s.id} pt="md">
            <Group justify="space-between" mb={4} wrap="nowrap" align="end">
              <Text size="sm">{s.file === "" ? "In a shell" : <>In a file <code>{s.file}</code></>}; needs <code>{s.install}</code></Text>
              <CopyButton text={s.code} />
            </Group>
            <pre className="panel code" tabIndex={0} data-snippet={s.id} aria-label={`${s.title} snippet`}>{s.code}</pre>
          </Tabs.Panel>
        ))}
      </Tabs>
    </main>
  );
}

async function reach() {
  const [where, local] = await Promise.all([
    api.connection(),
    api.query({ statement: "SELECT data_center FROM system.local", keyspace: "", consistency: "LOCAL_ONE", pageSize: 1 }).catch(() => undefined), // a role without CQL
  ]);
  return { ...where, datacenter: local?.rows?.[0]?.[0] ?? "datacenter1" };
}
