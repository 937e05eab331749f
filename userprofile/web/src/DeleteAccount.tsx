import { PasswordInput, Text } from "@mantine/core";
import { api } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";

export function DeleteAccount({ onDeleted }: { onDeleted: () => void }) {
  const form = useForm({ password: "" }, async (values) => {
    await api.remove(values);
    onDeleted();
  });
  return (
    <Form label="Delete account" onSubmit={form.submit} message={form.message} submit="Delete my account" busy={form.busy} color="red">
      <Text>This deletes your profile and logs you out everywhere. It can't be undone.</Text>
      <PasswordInput label="Your password" autoComplete="current-password" {...form.bind("password")} />
    </Form>
  );
}
