import { TextInput } from "@mantine/core";
import { api, type User } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";

export function EditNames({ user, onChange }: { user: User; onChange: (user: User) => void }) {
  const form = useForm({ firstname: user.firstname, lastname: user.lastname }, async (values) => onChange(await api.edit(values)));
  return (
    <Form label="Edit name" onSubmit={form.submit} message={form.message} success={form.done ? "Your name is saved." : undefined} submit="Save" busy={form.busy}>
      <TextInput label="First name" autoComplete="given-name" {...form.bind("firstname")} />
      <TextInput label="Last name" autoComplete="family-name" {...form.bind("lastname")} />
    </Form>
  );
}
