import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failed } from "./States";

interface Props {
  title: string;
  children: ReactNode;
  /** The label of the button that does it. */
  action: string;
  run: () => Promise<void>;
  onClose: () => void;
  onEnd: (notice?: string) => void;
}

/** Asks before something that can't be undone. */
export function Confirm({ title, children, action, run, onClose, onEnd }: Props) {
  const doing = useMutation({ mutationFn: run, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <Text component="div">{children}</Text>
        {doing.error && <Failed error={doing.error} onEnd={onEnd} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>Keep it</Button>
          <Button color="red" loading={doing.isPending} onClick={() => doing.mutate()}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
