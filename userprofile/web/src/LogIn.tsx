import { Anchor, PasswordInput, TextInput } from "@mantine/core";
import { api, type User } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";

interface Props {
  onDone: (user: User) => void;
  onSignUp: () => void;
}

export function LogIn({ onDone, onSignUp }: Props) {
  const form = useForm({ email: "", password: "" }, async (values) => onDone(await api.logIn(values)));
  return (
    <Form label="Log in" onSubmit={form.submit} message={form.message} submit="Log in" busy={form.busy}
      extra={<Anchor component="button" type="button" onClick={onSignUp}>Make an account</Anchor>}>
      <TextInput label="E-mail" type="email" autoComplete="username" required withAsterisk={false} {...form.bind("email")} />
      <PasswordInput label="Password" autoComplete="current-password" required withAsterisk={false} {...form.bind("password")} />
    </Form>
  );
}
