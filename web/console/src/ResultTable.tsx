import { Badge, Table, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { Answer, ResultColumn } from "./api";

const marks: Record<string, [string, string]> = { partition_key: ["PK", "partition key"], clustering: ["CK", "clustering column"], static: ["S", "static column"] };

function Heading({ column }: { column: ResultColumn }) {
  const mark = marks[column.kind ?? ""];
  return (
    <Table.Th scope="col">
      <span className="cql-heading">{column.name}{mark && <Badge ml={6} size="xs" variant="light" title={mark[1]}>{mark[0]}</Badge>}</span>
      <Text span size="xs" c="dimmed" fw={400}>{column.type}</Text>
    </Table.Th>
  );
}

/** Rows as a table; only those in sight are in the page. A click copies a cell. */
export function ResultTable({ answer, label }: { answer: Answer; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = answer.columns ?? [];
  const rows = answer.rows ?? [];
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 33, overscan: 20, initialRect: { width: 800, height: 420 } });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className="cql-scroller" tabIndex={0} role="group" aria-label={`Rows of ${label}`}>
      <Table striped highlightOnHover stickyHeader withColumnBorders verticalSpacing={4} aria-label={label} aria-rowcount={rows.length + 1}>
        <Table.Thead><Table.Tr>{columns.map((c, i) => <Heading key={i} column={c} />)}</Table.Tr></Table.Thead>
        <Table.Tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }}><td colSpan={columns.length} /></tr>}
          {items.map((item) => (
            <Table.Tr key={item.index} ref={virtual.measureElement} data-index={item.index} aria-rowindex={item.index + 2}>
              {rows[item.index]!.map((cell, i) => <Cell key={i} text={cell} />)}
            </Table.Tr>
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }}><td colSpan={columns.length} /></tr>}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Cell({ text }: { text: string | null }) {
  if (text === null) return <Table.Td><Text span size="sm" c="dimmed" fs="italic">null</Text></Table.Td>;
  return <Table.Td className="cql-cell" title="Double-click to copy" onDoubleClick={() => void navigator.clipboard?.writeText(text)}>{text}</Table.Td>;
}

/** Rows one below the other, as EXPAND ON shows them. */
export function ExpandedRows({ answer, label }: { answer: Answer; label: string }) {
  const columns = answer.columns ?? [];
  return (
    <div className="cql-scroller" tabIndex={0} role="group" aria-label={`Rows of ${label}`}>
      {(answer.rows ?? []).map((row, n) => (
        <Table key={n} aria-label={`Row ${n + 1}`} mb="sm" withRowBorders={false} verticalSpacing={2}>
          <caption className="cql-caption">@ Row {n + 1}</caption>
          <Table.Tbody>
            {columns.map((c, i) => <Table.Tr key={i}><Table.Th scope="row" w={180}>{c.name}</Table.Th><Cell text={row[i] ?? null} /></Table.Tr>)}
          </Table.Tbody>
        </Table>
      ))}
    </div>
  );
}
