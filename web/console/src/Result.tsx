import { Alert, Button, Card, Code, Group, Text } from "@mantine/core";
import { useState } from "react";
import type { Answer } from "./api";
import { download, toCSV, toJSON } from "./exporting";
import { ExpandedRows, ResultTable } from "./ResultTable";
import { nextPage, type Outcome } from "./run";

interface Props {
  outcome: Outcome;
  onMore: (outcome: Outcome, answer: Answer) => void;
  onFailed: (error: unknown) => void;
}

/** What one statement gave. */
export function Result({ outcome, onMore, onFailed }: Props) {
  const { answer, error, message, statement } = outcome;
  return (
    <Card withBorder radius="md" padding="sm" component="article" aria-label={`Result of ${statement}`}>
      <Code block className="cql-statement">{statement}</Code>
      {error && (
        <Alert color="red" variant="light" role="alert" mt="xs" title={error.code === undefined ? "Error" : `Error 0x${error.code.toString(16).toUpperCase().padStart(4, "0")}`}>
          <span className="cql-message">{error.message}</span>
        </Alert>
      )}
      {answer?.warnings?.map((w) => <Alert key={w} color="yellow" variant="light" mt="xs" title="Warning">{w}</Alert>)}
      {message !== undefined && <Text size="sm" mt="xs">{message}</Text>}
      {answer?.kind === "rows" && <Rows outcome={outcome} answer={answer} onMore={onMore} onFailed={onFailed} />}
      {answer && answer.kind !== "rows" && message === undefined && (
        <Text size="sm" c="dimmed" mt="xs">{answer.kind === "schema" ? "Schema changed" : "Done"} in {time(answer.elapsed)}.</Text>
      )}
    </Card>
  );
}

function Rows({ outcome, answer, onMore, onFailed }: Props & { answer: Answer }) {
  const [busy, setBusy] = useState(false);
  const count = answer.rows?.length ?? 0;
  const described = answer.columns?.at(-1)?.name === "create_statement";

  async function more() {
    setBusy(true);
    try {
      onMore(outcome, await nextPage(outcome));
    } catch (error) {
      onFailed(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {described && answer.rows?.map((row, i) => <Code key={i} block mt="xs" tabIndex={0} className="cql-described">{row.at(-1)}</Code>)}
      {!described && (count === 0 || !outcome.settings.expand) && <ResultTable answer={answer} label={outcome.statement} />}
      {!described && count > 0 && outcome.settings.expand && <ExpandedRows answer={answer} label={outcome.statement} />}
      <Group mt="xs" gap="xs" justify="space-between">
        <Text size="sm" c="dimmed">{count} {count === 1 ? "row" : "rows"}{answer.pageState ? ", more to come" : ""} in {time(answer.elapsed)}</Text>
        <Group gap="xs">
          {answer.pageState && <Button size="compact-sm" loading={busy} onClick={() => void more()}>Load more</Button>}
          <Button size="compact-sm" variant="default" disabled={count === 0} onClick={() => download("result.csv", "text/csv", toCSV(answer))}>Export CSV</Button>
          <Button size="compact-sm" variant="default" disabled={count === 0} onClick={() => download("result.json", "application/json", toJSON(answer))}>Export JSON</Button>
        </Group>
      </Group>
    </>
  );
}

function time(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
