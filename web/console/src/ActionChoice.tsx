import { Button, Checkbox, Collapse, Input, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { grants, groupsOf } from "./organization";

interface Props {
  /** All actions that there are. */
  all: string[];
  value: string[];
  error?: string;
  onChange: (actions: string[]) => void;
}

/** What a role may do: what is granted together most often, and below every single action. */
export function ActionChoice({ all, value, error, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const has = (actions: string[]) => actions.filter((a) => value.includes(a)).length;
  const set = (actions: string[], on: boolean) => onChange([...value.filter((a) => !actions.includes(a)), ...(on ? actions : [])]);
  return (
    <Input.Wrapper label="May" required error={error} labelElement="div">
      <Stack gap="xs" mt="xs" role="group" aria-label="May">
        {grants.map((g) => (
          <Checkbox key={g.label} label={g.label} checked={has(g.actions) === g.actions.length} indeterminate={has(g.actions) > 0 && has(g.actions) < g.actions.length}
            onChange={(e) => set(g.actions, e.currentTarget.checked)} />
        ))}
        <Button variant="default" size="compact-sm" aria-expanded={open} style={{ alignSelf: "start" }} onClick={() => setOpen(!open)}>
          {open ? "Fewer actions" : `All ${all.length} actions (${value.length} chosen)`}
        </Button>
        <Collapse expanded={open}>
          <Stack gap="sm">
            {groupsOf(all).map((group) => (
              <Stack key={group.label} gap={6} role="group" aria-label={group.label}>
                <Text size="sm" fw={600}>{group.label}</Text>
                {group.actions.map((a) => <Checkbox key={a} size="sm" label={a} checked={value.includes(a)} onChange={(e) => set([a], e.currentTarget.checked)} />)}
              </Stack>
            ))}
          </Stack>
        </Collapse>
      </Stack>
    </Input.Wrapper>
  );
}
