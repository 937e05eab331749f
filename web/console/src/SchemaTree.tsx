import { Button, Loader, NavLink, ScrollArea, Text } from "@mantine/core";
import type { Schema, SchemaKeyspace, SchemaTable } from "./api";
import { quote } from "./completion";

interface Props {
  schema: Schema | undefined;
  error?: string;
  onRetry: () => void;
  /** Puts a statement in the editor, and a name at its cursor. */
  onSelect: (statement: string) => void;
  onName: (name: string) => void;
}

const kinds: Record<string, string> = { partition_key: "partition key", clustering: "clustering", static: "static" };

/** Keyspaces, their tables and types, their columns. */
export function SchemaTree({ schema, error, onRetry, onSelect, onName }: Props) {
  if (error !== undefined) return <Text p="sm" c="red" role="alert">{error} <Button size="compact-sm" variant="light" onClick={onRetry}>Try again</Button></Text>;
  if (!schema) return <Loader m="md" size="sm" aria-label="Loading the schema" />;
  const own = schema.keyspaces.filter((k) => !k.system);
  const system = schema.keyspaces.filter((k) => k.system);
  return (
    <ScrollArea h="100%" component="nav" aria-label="Schema">
      {own.length === 0 && <Text p="sm" size="sm" c="dimmed">No keyspaces yet. Make one with CREATE KEYSPACE.</Text>}
      {own.map((k) => <Keyspace key={k.name} keyspace={k} open onSelect={onSelect} onName={onName} />)}
      <NavLink component="button" type="button" label="System keyspaces" c="dimmed">
        {system.map((k) => <Keyspace key={k.name} keyspace={k} onSelect={onSelect} onName={onName} />)}
      </NavLink>
    </ScrollArea>
  );
}

type Actions = Pick<Props, "onSelect" | "onName">;

function Keyspace({ keyspace, open, ...actions }: { keyspace: SchemaKeyspace; open?: boolean } & Actions) {
  return (
    <NavLink component="button" type="button" label={keyspace.name} description={`${keyspace.tables.length} tables`} defaultOpened={open} fw={600}>
      {keyspace.tables.length === 0 && <Text size="sm" c="dimmed" pl="sm">No tables</Text>}
      {keyspace.tables.map((t) => <TableNode key={t.name} keyspace={keyspace.name} table={t} {...actions} />)}
      {keyspace.types.map((t) => (
        <NavLink component="button" type="button" key={t.name} label={t.name} description="type" fw={400}>
          {t.fields.map((f) => <NavLink component="button" type="button" key={f.name} label={f.name} description={f.type} onClick={() => actions.onName(quote(f.name))} />)}
        </NavLink>
      ))}
    </NavLink>
  );
}

function TableNode({ keyspace, table, onSelect, onName }: { keyspace: string; table: SchemaTable } & Actions) {
  const name = `${quote(keyspace)}.${quote(table.name)}`;
  return (
    <NavLink component="button" type="button" label={table.name} fw={400}>
      <NavLink component="button" type="button" label="Show rows" c="var(--mantine-primary-color-light-color)" onClick={() => onSelect(`SELECT * FROM ${name} LIMIT 100;`)} />
      <NavLink component="button" type="button" label="Describe" c="var(--mantine-primary-color-light-color)" onClick={() => onSelect(`DESCRIBE TABLE ${name};`)} />
      {table.columns.map((c) => (
        <NavLink component="button" type="button" key={c.name} label={c.name} description={c.type + (kinds[c.kind] ? `, ${kinds[c.kind]}` : "")} onClick={() => onName(quote(c.name))} />
      ))}
      {table.indexes.map((ix) => <NavLink component="button" type="button" key={ix.name} label={ix.name} description={`index on ${ix.target}`} onClick={() => onName(quote(ix.name))} />)}
    </NavLink>
  );
}
