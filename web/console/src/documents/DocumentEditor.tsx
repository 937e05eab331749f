import { Alert, Button, Group, Loader, Text, Textarea, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { pretty } from "../apicall";
import { read, remove, write } from "./documents";

interface Props {
  namespace: string;
  collection: string;
  /** Undefined for a new document. */
  id?: string;
  onSaved: (id: string) => void;
  onRemoved: () => void;
  onClose: () => void;
}

/** One document as JSON text; what is saved is the text, so that numbers keep all their digits. */
export function DocumentEditor({ namespace, collection, id, onSaved, onRemoved, onClose }: Props) {
  const [text, setText] = useState<string | undefined>(id === undefined ? "{\n  \n}" : undefined);
  const [problem, setProblem] = useState<string>();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const section = useRef<HTMLElement>(null);

  // Where it stands above the list, it may be out of sight.
  useEffect(() => {
    if (section.current!.getBoundingClientRect().top < 0) void section.current!.scrollIntoView({ block: "start" });
  }, [text === undefined]);

  useEffect(() => {
    let gone = false;
    if (id !== undefined) {
      read(namespace, collection, id).then((t) => { if (!gone) setText(pretty(t)); }, (e: Error) => { if (!gone) setProblem(e.message); });
    }
    return () => { gone = true; };
  }, [namespace, collection, id]);

  async function run(work: () => Promise<void>) {
    setBusy(true);
    setProblem(undefined);
    setNote("");
    try {
      await work();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  const save = () => run(async () => {
    try {
      JSON.parse(text!);
    } catch (error) {
      throw new Error(`This is not JSON: ${(error as Error).message}`);
    }
    const stored = await write(namespace, collection, id, text!);
    setNote("Saved.");
    onSaved(stored);
  });

  return (
    <section ref={section} aria-label="Document" className="document-editor">
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={3} size="h5" className="document-title">{id ?? "New document"}</Title>
        <Button size="compact-sm" variant="default" onClick={onClose}>Close</Button>
      </Group>
      {text === undefined && problem === undefined && <Loader aria-label="Loading the document" />}
      {text !== undefined && (
        <>
          <Textarea aria-label="Document as JSON" value={text} onChange={(e) => { setText(e.currentTarget.value); setNote(""); }} autosize minRows={8} maxRows={28} spellCheck={false} classNames={{ input: "code" }} />
          <Group mt="xs" gap="xs">
            <Button size="compact-sm" loading={busy} onClick={() => void save()}>Save</Button>
            {id !== undefined && !sure && <Button size="compact-sm" variant="default" disabled={busy} onClick={() => setSure(true)}>Delete</Button>}
            {id !== undefined && sure && (
              <>
                <Button size="compact-sm" color="red.9" disabled={busy} autoFocus onClick={() => void run(async () => { await remove(namespace, collection, id); onRemoved(); })}>Delete for good</Button>
                <Button size="compact-sm" variant="default" onClick={() => setSure(false)}>Keep</Button>
              </>
            )}
            <Text size="sm" c="dimmed" role="status">{note}</Text>
          </Group>
        </>
      )}
      {problem !== undefined && <Alert color="red" variant="light" role="alert" mt="sm">{problem}</Alert>}
    </section>
  );
}
