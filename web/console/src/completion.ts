import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Schema, SchemaKeyspace, SchemaTable } from "./api";
import { statementAt } from "./statements";

const keywords = `ADD ALLOW ALTER AND APPLY AS ASC AUTHORIZE BATCH BEGIN BY CLUSTERING COLUMNFAMILY CONSISTENCY CONTAINS COUNT CREATE CUSTOM DEFAULT DELETE
DESC DESCRIBE DISTINCT DROP ENTRIES EXISTS EXPAND FILTERING FROM FROZEN FULL GROUP IF IN INDEX INSERT INTO IS JSON KEY KEYS KEYSPACE KEYSPACES LIKE LIMIT LIST
LOGGED MAP NOT NULL OF OFF ON OPTIONS OR ORDER PAGING PARTITION PER PRIMARY RENAME REPLICATION SELECT SET STATIC STORAGE TABLE TABLES TIMESTAMP TO TOKEN TRUNCATE
TTL TUPLE TYPE TYPES UNLOGGED UNSET UPDATE USE USING VALUES WHERE WITH WRITETIME ascii bigint blob boolean counter date decimal double duration float inet int
smallint text time timestamp timeuuid tinyint uuid varint vector now() uuid() toTimestamp() toDate()`.split(/\s+/);

/** Completes keywords, keyspaces, tables and columns; `keyspace` is the one in USE. */
export function complete(schema: Schema | undefined, keyspace: string) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w."]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const text = context.state.doc.toString();
    const span = statementAt(text, context.pos);
    const statement = span ? text.slice(span.from, span.to) : "";
    const dot = word.text.lastIndexOf(".");
    if (dot >= 0) {
      const ks = find(schema, unquote(word.text.slice(0, dot)));
      return ks ? { from: word.from + dot + 1, options: tables(ks), validFor: /^\w*$/ } : null;
    }
    return { from: word.from, options: options(schema, keyspace, statement), validFor: /^\w*$/ };
  };
}

function options(schema: Schema | undefined, keyspace: string, statement: string): Completion[] {
  const list: Completion[] = keywords.map((label) => ({ label, type: "keyword" }));
  for (const ks of schema?.keyspaces ?? []) list.push({ label: quote(ks.name), type: "namespace", detail: "keyspace", boost: ks.system ? -5 : 1 });
  const current = find(schema, keyspace);
  if (current) list.push(...tables(current));
  const table = tableOf(schema, keyspace, statement);
  for (const c of table?.columns ?? []) list.push({ label: quote(c.name), type: "property", detail: c.type, boost: 5 });
  return list;
}

function tables(ks: SchemaKeyspace): Completion[] {
  return [
    ...ks.tables.map((t): Completion => ({ label: quote(t.name), type: "class", detail: "table", boost: 3 })),
    ...ks.types.map((t): Completion => ({ label: quote(t.name), type: "type", detail: "type" })),
  ];
}

function find(schema: Schema | undefined, name: string): SchemaKeyspace | undefined {
  return schema?.keyspaces.find((k) => k.name === name);
}

/** The table that a statement names behind FROM, INTO, UPDATE, TABLE or ON. */
export function tableOf(schema: Schema | undefined, keyspace: string, statement: string): SchemaTable | undefined {
  const m = /\b(?:from|into|update|table|on)\s+("[^"]+"|\w+)(?:\.("[^"]+"|\w+))?/i.exec(statement);
  if (!m) return undefined;
  const [ks, table] = m[2] === undefined ? [keyspace, unquote(m[1]!)] : [unquote(m[1]!), unquote(m[2])];
  return find(schema, ks)?.tables.find((t) => t.name === table);
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.replaceAll('"', "") : name.toLowerCase();
}

/** A name as it is written in CQL. */
export function quote(name: string): string {
  return /^[a-z]\w*$/.test(name) && name === name.toLowerCase() ? name : `"${name.replaceAll('"', '""')}"`;
}
