import { Box, Button, Drawer, Group, Loader, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, ApiError } from "./api";
import { Editor, type EditorHandle } from "./Editor";
import { addHistory, clearHistory, readHistory } from "./history";
import { HistoryMenu } from "./HistoryMenu";
import type { PageProps } from "./pages";
import { Result } from "./Result";
import { diagnose, runStatement, type Outcome } from "./run";
import { SchemaTree } from "./SchemaTree";
import { initialSettings } from "./shell";
import { splitStatements, statementAt, type Span } from "./statements";

const examples = [
  "use user_profile;\nselect * from users;\nselect * from user_credentials;",
  "DESCRIBE KEYSPACES;",
  "SELECT cluster_name, release_version, data_center FROM system.local;",
];

/** Results kept on the page; older ones go. */
const mostResults = 50;

export function Console({ onEnd }: PageProps) {
  const editor = useRef<EditorHandle>(null);
  const [settings, setSettings] = useState(initialSettings);
  const [results, setResults] = useState<Outcome[]>([]);
  const [running, setRunning] = useState<AbortController>();
  const [past, setPast] = useState(readHistory);
  const [tree, treeControl] = useDisclosure(false);
  const [historyOpen, historyControl] = useDisclosure(false);
  const schema = useQuery({ queryKey: ["schema"], queryFn: api.schema, retry: false });

  function failed(error: unknown) {
    if (error instanceof ApiError && error.status === 401) onEnd("Your session has ended. Please log in again.");
    else setResults((r) => [...r, { id: -Date.now(), statement: "", settings, error: { message: error instanceof Error ? error.message : String(error) } }]);
  }

  async function run(all: boolean) {
    const text = editor.current!.text();
    const spans = pick(text, editor.current!.selection(), all);
    if (spans.length === 0 || running) return;
    const abort = new AbortController();
    setRunning(abort);
    setResults([]);
    editor.current!.mark([]);
    let now = settings;
    try {
      for (const span of spans) {
        const statement = text.slice(span.from, span.to);
        const { outcome, settings: next } = await runStatement(statement, now, abort.signal);
        setSettings((now = next));
        setPast(addHistory(statement));
        setResults((r) => [...r, outcome].slice(-mostResults));
        if (outcome.answer?.kind === "schema") void schema.refetch();
        if (outcome.error) {
          editor.current!.mark([diagnose(text, span, outcome.error)]);
          break;
        }
      }
    } catch (error) {
      failed(error);
    } finally {
      setRunning(undefined);
    }
  }

  const treeView = (
    <SchemaTree schema={schema.data} error={schema.error?.message} onRetry={() => void schema.refetch()}
      onSelect={(s) => { editor.current!.replace(s); treeControl.close(); }} onName={(n) => { editor.current!.insert(n); treeControl.close(); }} />
  );
  return (
    <div className="cql-layout">
      <Box component="aside" visibleFrom="md" className="cql-side">{treeView}</Box>
      <Drawer opened={tree} onClose={treeControl.close} title="Schema" hiddenFrom="md" closeButtonProps={{ "aria-label": "Close the schema" }}>{treeView}</Drawer>
      <HistoryMenu opened={historyOpen} onClose={historyControl.close} list={past} onClear={() => setPast(clearHistory())}
        onPick={(s) => { historyControl.close(); editor.current!.replace(s.endsWith(";") ? s : s + ";"); }} />
      <main className="cql-main">
        <Editor ref={editor} initial="" schema={schema.data} keyspace={settings.keyspace} onRun={() => void run(false)} />
        <Group className="cql-bar" gap="xs" justify="space-between">
          <Group gap="xs">
            <Button size="compact-sm" onClick={() => void run(false)} disabled={running !== undefined} title="Ctrl-Enter or Cmd-Enter">Run</Button>
            <Button size="compact-sm" variant="default" onClick={() => void run(true)} disabled={running !== undefined}>Run all</Button>
            {running && <Button size="compact-sm" variant="default" onClick={() => running.abort()}>Cancel</Button>}
            <Button size="compact-sm" variant="default" onClick={historyControl.open}>History</Button>
            <Button hiddenFrom="md" size="compact-sm" variant="default" onClick={treeControl.open}>Schema</Button>
          </Group>
          <Text size="sm" c="dimmed">{settings.keyspace === "" ? "no keyspace" : `keyspace ${settings.keyspace}`} · {settings.consistency}</Text>
        </Group>
        <section className="cql-results" role="region" aria-label="Results" aria-live="polite" aria-busy={running !== undefined}>
          {results.length === 0 && !running && <Empty onPick={(s) => editor.current!.replace(s)} />}
          <Stack gap="sm">
            {results.map((o) => (
              <Result key={o.id} outcome={o} onFailed={failed}
                onMore={(outcome, answer) => setResults((r) => r.map((x) => (x.id === outcome.id ? { ...x, answer } : x)))} />
            ))}
            {running && <Group><Loader size="sm" aria-label="Running" /><Text size="sm" c="dimmed">Running…</Text></Group>}
          </Stack>
        </section>
      </main>
    </div>
  );
}

/** The statements to run: all, those of the selection, or the one under the cursor. */
function pick(text: string, selection: Span, all: boolean): Span[] {
  if (all) return splitStatements(text);
  if (selection.to > selection.from) {
    return splitStatements(text.slice(selection.from, selection.to)).map((s) => ({ from: s.from + selection.from, to: s.to + selection.from }));
  }
  const one = statementAt(text, selection.from);
  return one ? [one] : [];
}

function Empty({ onPick }: { onPick: (statement: string) => void }) {
  return (
    <Stack gap="xs" maw={560} mx="auto" mt="lg">
      <Text c="dimmed">Nothing was run yet. Type a statement above, or begin with one of these:</Text>
      {examples.map((e) => <UnstyledButton key={e} className="cql-example" onClick={() => onPick(e)}><code>{e}</code></UnstyledButton>)}
    </Stack>
  );
}
