import { PasswordInput } from "@mantine/core";
import { api } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";

export function ChangePassword() {
  const form = useForm({ current: "", password: "" }, async (values) => {
    await api.changePassword(values);
    form.reset();
  });
  return (
    <Form label="Change password" onSubmit={form.submit} message={form.message} submit="Change password" busy={form.busy}
      success={form.done ? "Your password is changed, and your other sessions are logged out." : undefined}>
      <PasswordInput label="Current password" autoComplete="current-password" {...form.bind("current")} />
      <PasswordInput label="New password" description="8 characters at least" autoComplete="new-password" {...form.bind("password")} />
    </Form>
  );
}
