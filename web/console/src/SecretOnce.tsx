import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import type { Secret } from "./organization";

/** Shows a new token, this once: it is kept nowhere, neither here nor on the server. */
export function SecretOnce({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Your new token" size="lg" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <Stack>
        <Alert color="yellow" variant="light" role="status">Copy it now: it will not be shown again.</Alert>
        <Field name="Token" value={secret.token} first />
        <Field name="Client id" value={secret.clientId} />
        <Field name="Client secret" value={secret.secret} />
        <Text size="sm" c="dimmed">HTTP APIs take the token; CQL the client id with its secret, or the user “token” with the token.</Text>
        <Group justify="flex-end"><Button onClick={onClose}>I have it</Button></Group>
      </Stack>
    </Modal>
  );
}

function Field({ name, value, first }: { name: string; value: string; first?: boolean }) {
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
