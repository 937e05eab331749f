import { PasswordInput, TextInput } from "@mantine/core";
import { api, type User } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";

export function ChangeEmail({ onChange }: { onChange: (user: User) => void }) {
  const form = useForm({ email: "", password: "" }, async (values) => {
    onChange(await api.changeEmail(values));
    form.reset();
  });
  return (
    <Form label="Change e-mail" onSubmit={form.submit} message={form.message} success={form.done ? "Your e-mail is changed." : undefined} submit="Change e-mail" busy={form.busy}>
      <TextInput label="New e-mail" type="email" autoComplete="email" {...form.bind("email")} />
      <PasswordInput label="Your password" autoComplete="current-password" {...form.bind("password")} />
    </Form>
  );
}
