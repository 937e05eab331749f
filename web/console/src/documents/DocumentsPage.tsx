import { Alert, Button, Group, Loader, NativeSelect, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import type { PageProps } from "../pages";
import { DocumentEditor } from "./DocumentEditor";
import { collections, makeCollection, namespaces, search } from "./documents";

/** Collections, their documents, a search, and one document as JSON. */
export function DocumentsPage(_: PageProps) {
  const [namespace, setNamespace] = useState<string>();
  const spaces = useQuery({ queryKey: ["namespaces"], queryFn: namespaces, retry: false });
  const chosen = namespace ?? spaces.data?.[0];
  return (
    <main className="page documents">
      <Title order={2} size="h3" mb="xs">Documents</Title>
      {spaces.error && <Problem error={spaces.error} onRetry={() => void spaces.refetch()} />}
      {spaces.isPending && <Loader aria-label="Loading the namespaces" />}
      {spaces.data?.length === 0 && <Text c="dimmed">There are no namespaces yet. A namespace is a keyspace: make one in the CQL console, or with POST /v2/schemas/namespaces.</Text>}
      {chosen !== undefined && (
        <>
          <NativeSelect label="Namespace" data={spaces.data ?? []} value={chosen} onChange={(e) => setNamespace(e.currentTarget.value)} maw={320} mb="md" />
          <Collections key={chosen} namespace={chosen} />
        </>
      )}
    </main>
  );
}

function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return <Alert color="red" variant="light" role="alert" my="sm"><Group justify="space-between">{error.message}{onRetry && <Button size="compact-sm" variant="default" onClick={onRetry}>Try again</Button>}</Group></Alert>;
}

function Collections({ namespace }: { namespace: string }) {
  const list = useQuery({ queryKey: ["collections", namespace], queryFn: () => collections(namespace), retry: false });
  const [chosen, setChosen] = useState<string>();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<Error>();

  async function make(event: FormEvent) {
    event.preventDefault();
    setProblem(undefined);
    try {
      await makeCollection(namespace, name.trim());
      setChosen(name.trim());
      setName("");
      await list.refetch();
    } catch (error) {
      setProblem(error as Error);
    }
  }

  if (list.error) return <Problem error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Loader aria-label="Loading the collections" />;
  const current = chosen ?? list.data[0];
  return (
    <Stack gap="md">
      <Group align="end" gap="sm">
        {list.data.length > 0 && <NativeSelect label="Collection" data={list.data} value={current} onChange={(e) => setChosen(e.currentTarget.value)} w={240} />}
        <form onSubmit={(e) => void make(e)} aria-label="New collection">
          <Group align="end" gap="xs" wrap="nowrap">
            <TextInput label="New collection" placeholder="name" value={name} onChange={(e) => setName(e.currentTarget.value)} w={180} />
            <Button type="submit" variant="default" disabled={name.trim() === ""}>Make</Button>
          </Group>
        </form>
      </Group>
      {problem && <Problem error={problem} />}
      {current === undefined ? <Text c="dimmed">This namespace has no collections yet. Make one above.</Text> : <Documents key={current} namespace={namespace} collection={current} />}
    </Stack>
  );
}

function Documents({ namespace, collection }: { namespace: string; collection: string }) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [where, setWhere] = useState("");
  const [open, setOpen] = useState<{ id?: string }>();
  const key = ["documents", namespace, collection];
  const found = useInfiniteQuery({
    queryKey: [...key, where], retry: false, initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => search(namespace, collection, where, pageParam), getNextPageParam: (page) => page.pageState,
  });
  const documents = found.data?.pages.flatMap((p) => p.documents) ?? [];
  return (
    <div className="documents-columns">
      <section aria-label="Documents found">
        <form onSubmit={(e) => { e.preventDefault(); setWhere(text.trim()); }} aria-label="Search">
          <Group align="end" gap="xs" wrap="nowrap" mb="sm">
            <TextInput label="Search (where)" placeholder='{"age": {"$gt": 30}}' value={text} onChange={(e) => setText(e.currentTarget.value)} spellCheck={false} flex={1} classNames={{ input: "code" }} />
            <Button type="submit" loading={found.isFetching && !found.isFetchingNextPage}>Search</Button>
          </Group>
        </form>
        <Group justify="space-between" mb="xs">
          <Text size="sm" c="dimmed" aria-live="polite">{found.data ? `${documents.length}${found.hasNextPage ? "+" : ""} documents` : ""}</Text>
          <Button size="compact-sm" variant="default" onClick={() => setOpen({})}>New document</Button>
        </Group>
        {found.error && <Problem error={found.error} />}
        {found.isPending && <Loader aria-label="Loading the documents" />}
        {found.data && documents.length === 0 && <Text c="dimmed">{where === "" ? "The collection is empty." : "No document matches."}</Text>}
        <Stack gap={4}>
          {documents.map((d) => (
            <UnstyledButton key={d.id} className="document" aria-current={open?.id === d.id} onClick={() => setOpen({ id: d.id })}>
              <Text size="sm" fw={600} truncate>{d.id}</Text>
              <Text size="xs" c="dimmed" truncate>{d.fields}</Text>
            </UnstyledButton>
          ))}
        </Stack>
        {found.hasNextPage && <Button mt="sm" variant="default" size="compact-sm" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>More</Button>}
      </section>
      {open && (
        <DocumentEditor key={open.id ?? ""} namespace={namespace} collection={collection} id={open.id} onClose={() => setOpen(undefined)}
          onSaved={(id) => { setOpen({ id }); void client.invalidateQueries({ queryKey: key }); }}
          onRemoved={() => { setOpen(undefined); void client.invalidateQueries({ queryKey: key }); }} />
      )}
    </div>
  );
}
