import { Alert, Badge, Button, Group, Loader, NativeSelect, Stack, Text, Textarea, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { api } from "../api";
import { callApi, pretty, type ApiAnswer } from "../apicall";
import { CopyButton } from "../CopyButton";
import type { PageProps } from "../pages";
import { curl } from "./curl";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

interface Example { title: string; method: string; path: string; body?: string }

/** Tries calls of the REST API with the session's rights, and shows them as curl. */
export function RestPage({ onEnd }: PageProps) {
  const [method, setMethod] = useState("GET");
  const [path, setPath] = useState("/v2/schemas/keyspaces");
  const [body, setBody] = useState("");
  const [answer, setAnswer] = useState<ApiAnswer>();
  const [problem, setProblem] = useState<string>();
  const [running, setRunning] = useState(false);
  const schema = useQuery({ queryKey: ["schema"], queryFn: api.schema, retry: false });
  const sent = method === "GET" || method === "DELETE" || body.trim() === "" ? undefined : body;

  async function send(event: FormEvent) {
    event.preventDefault();
    if (!path.startsWith("/")) return setProblem("The path begins with /.");
    setRunning(true);
    setProblem(undefined);
    try {
      const got = await callApi(method, path, sent);
      if (got.status === 401 && got.text.includes("Please log in")) return onEnd("Your session has ended. Please log in again.");
      setAnswer(got);
    } catch (error) {
      setAnswer(undefined);
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setRunning(false);
    }
  }

  const table = schema.data?.keyspaces.filter((k) => !k.system).flatMap((k) => k.tables.map((t) => ({ keyspace: k.name, table: t.name })))[0];
  const at = table && `/v2/keyspaces/${encodeURIComponent(table.keyspace)}/${encodeURIComponent(table.table)}`;
  const examples: Example[] = [
    { title: "List the keyspaces", method: "GET", path: "/v2/schemas/keyspaces" },
    { title: "Make a keyspace", method: "POST", path: "/v2/schemas/keyspaces", body: '{"name": "example", "replicas": 1}' },
    ...(table && at ? [
      { title: `Rows of ${table.keyspace}.${table.table}`, method: "GET", path: `${at}/rows?page-size=10` },
      { title: `Columns of ${table.keyspace}.${table.table}`, method: "GET", path: `/v2/schemas/keyspaces/${encodeURIComponent(table.keyspace)}/tables/${encodeURIComponent(table.table)}` },
    ] : []),
  ];
  const command = curl(location.origin, method, path, sent);
  return (
    <main className="page">
      <Title order={2} size="h3">REST API</Title>
      <Text c="dimmed" mb="md">Calls are made with your session’s rights. <a href="/swagger-ui/" target="_blank" rel="noreferrer">All endpoints</a></Text>
      <form onSubmit={(e) => void send(e)} aria-label="Call">
        <Stack gap="sm">
          <Group align="end" wrap="nowrap" gap="xs">
            <NativeSelect label="Method" data={methods} value={method} onChange={(e) => setMethod(e.currentTarget.value)} w={110} />
            <TextInput label="Path" value={path} onChange={(e) => setPath(e.currentTarget.value)} spellCheck={false} flex={1} error={problem === "The path begins with /." ? problem : undefined} classNames={{ input: "code" }} />
            <Button type="submit" loading={running}>Send</Button>
          </Group>
          {(method === "POST" || method === "PUT" || method === "PATCH") && (
            <Textarea label="Body (JSON)" value={body} onChange={(e) => setBody(e.currentTarget.value)} autosize minRows={3} maxRows={14} spellCheck={false} classNames={{ input: "code" }} />
          )}
          <Group gap="xs">
            {examples.map((x) => (
              <UnstyledButton key={x.title} className="cql-example" onClick={() => { setMethod(x.method); setPath(x.path); setBody(x.body ?? ""); }}>{x.title}</UnstyledButton>
            ))}
          </Group>
        </Stack>
      </form>
      <Group justify="space-between" mt="lg" mb={4}><Title order={3} size="h5">As curl</Title><CopyButton text={command} /></Group>
      <pre className="panel code" tabIndex={0} aria-label="curl command">{command}</pre>
      <section aria-label="Answer" aria-live="polite" aria-busy={running}>
        <Group mt="lg" mb={4}>
          <Title order={3} size="h5">Answer</Title>
          {answer && <Badge color={answer.status < 400 ? "dark.6" : "red.9"} variant="filled" tt="none">{answer.status}</Badge>}
          {answer && <Text size="sm" c="dimmed">{answer.took.toFixed(0)} ms</Text>}
          {running && <Loader size="xs" aria-label="Waiting" />}
        </Group>
        {problem !== undefined && <Alert color="red" variant="light" role="alert">{problem}</Alert>}
        {answer && <pre className="panel code" tabIndex={0}>{answer.text === "" ? "(no body)" : pretty(answer.text)}</pre>}
        {!answer && problem === undefined && !running && <Text c="dimmed">Nothing was sent yet.</Text>}
      </section>
    </main>
  );
}
