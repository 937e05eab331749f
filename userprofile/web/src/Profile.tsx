import { Avatar, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { type User } from "./api";
import { ChangeEmail } from "./ChangeEmail";
import { ChangePassword } from "./ChangePassword";
import { DeleteAccount } from "./DeleteAccount";
import { EditNames } from "./EditNames";

interface Props {
  user: User;
  onChange: (user: User) => void;
  onDeleted: () => void;
}

const since = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** Who is logged in, and what they can change. */
export function Profile({ user, onChange, onDeleted }: Props) {
  return (
    <Stack gap="lg">
      <Group wrap="nowrap" align="center">
        <Avatar size="lg" radius="xl" color="indigo" name={`${user.firstname} ${user.lastname}`} aria-hidden />
        <div style={{ minWidth: 0 }}>
          <Title order={2} size="h3" style={{ overflowWrap: "anywhere" }}>{user.firstname} {user.lastname}</Title>
          <Text c="dimmed" size="sm" style={{ overflowWrap: "anywhere" }}>{user.email}</Text>
          <Text c="dimmed" size="sm">Member since <time dateTime={user.created_date}>{since.format(new Date(user.created_date))}</time></Text>
        </div>
      </Group>
      <Tabs defaultValue="names" keepMounted={false}>
        <Tabs.List aria-label="What to change">
          <Tabs.Tab value="names">Name</Tabs.Tab>
          <Tabs.Tab value="email">E-mail</Tabs.Tab>
          <Tabs.Tab value="password">Password</Tabs.Tab>
          <Tabs.Tab value="delete">Delete account</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="names" pt="md"><EditNames user={user} onChange={onChange} /></Tabs.Panel>
        <Tabs.Panel value="email" pt="md"><ChangeEmail onChange={onChange} /></Tabs.Panel>
        <Tabs.Panel value="password" pt="md"><ChangePassword /></Tabs.Panel>
        <Tabs.Panel value="delete" pt="md"><DeleteAccount onDeleted={onDeleted} /></Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
