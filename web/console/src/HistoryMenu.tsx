import { Button, Code, Drawer, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";

interface Props {
  opened: boolean;
  onClose: () => void;
  list: string[];
  onPick: (statement: string) => void;
  onClear: () => void;
}

/** The statements run before, in this browser. */
export function HistoryMenu({ opened, onClose, list, onPick, onClear }: Props) {
  const [filter, setFilter] = useState("");
  const shown = list.filter((s) => s.toLowerCase().includes(filter.toLowerCase()));
  return (
    <Drawer opened={opened} onClose={onClose} position="right" title="History" closeButtonProps={{ "aria-label": "Close the history" }}>
      <Stack gap="xs">
        <TextInput label="Search the history" value={filter} onChange={(e) => setFilter(e.currentTarget.value)} />
        {shown.length === 0 && <Text c="dimmed">{list.length === 0 ? "Nothing was run yet." : "Nothing matches."}</Text>}
        {shown.map((s) => <UnstyledButton key={s} onClick={() => onPick(s)}><Code block className="cql-statement">{s}</Code></UnstyledButton>)}
        {list.length > 0 && <Button variant="default" onClick={onClear}>Clear the history</Button>}
      </Stack>
    </Drawer>
  );
}
