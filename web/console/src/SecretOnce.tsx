import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";

interface Props {
  title: string;
  fields: { name: string; value: string }[];
  /** How it is used. */
  note: string;
  onClose: () => void;
}

/** Shows a secret, this once: it is kept nowhere, neither here nor on the server. */
export function SecretOnce({ title, fields, note, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <Stack>
        <Alert color="yellow" variant="light" role="status">Copy it now: it will not be shown again.</Alert>
        {fields.map((f, i) => <Field key={f.name} name={f.name} value={f.value} first={i === 0} />)}
        <Text size="sm" c="dimmed">{note}</Text>
        <Group justify="flex-end"><Button onClick={onClose}>I have it</Button></Group>
      </Stack>
    </Modal>
  );
}

function Field({ name, value, first }: { name: string; value: string; first: boolean }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600}>{name}</Text>
        <CopyButton value={value} timeout={2000}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant={first ? "filled" : "default"} onClick={copy} data-autofocus={first ? true : undefined} aria-label={`Copy ${name.toLowerCase()}`}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block className="secret">{value}</Code>
    </div>
  );
}
