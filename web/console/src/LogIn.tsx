import { Alert, Button, Card, Center, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { api, type SessionInfo } from "./api";
import { Logo } from "./Logo";

/** Exchanges an application token for a session; the token is forgotten at once. */
export function LogIn({ notice, onDone }: { notice?: string; onDone: (info: SessionInfo) => void }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (token.trim() === "") return setError("Enter an application token.");
    setBusy(true);
    setError(undefined);
    try {
      const info = await api.logIn(token);
      setToken("");
      onDone(info);
    } catch (e) {
      setError(e instanceof Error ? e.message : String(e));
      setBusy(false);
    }
  }

  return (
    <Center component="main" mih="100dvh" p="md">
      <Card withBorder radius="md" padding="xl" shadow="sm" w="100%" maw={460}>
        <Group mb="lg"><Logo size={36} /><Title order={1} size="h2">Astrolabe</Title></Group>
        <form onSubmit={(e) => void submit(e)} noValidate aria-label="Log in">
          <Stack>
            {notice !== undefined && <Alert variant="light" role="status">{notice}</Alert>}
            <PasswordInput label="Application token" placeholder="AstraCS:…" description="The server printed one at its first start, and keeps it in admin-token in its data directory."
              autoComplete="off" spellCheck={false} autoFocus value={token} error={error} aria-invalid={error !== undefined} disabled={busy}
              onChange={(e) => { setToken(e.currentTarget.value); setError(undefined); }} />
            <Button type="submit" loading={busy}>Log in</Button>
            <Text size="sm" c="dimmed">The token is exchanged for a session that ends with the browser. It is not stored.</Text>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
