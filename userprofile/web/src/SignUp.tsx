import { Anchor, PasswordInput, SimpleGrid, TextInput } from "@mantine/core";
import { api, Problem, type User } from "./api";
import { Form } from "./Form";
import { useForm } from "./useForm";
import { randomUUID } from "./uuid";

interface Props {
  onDone: (user: User) => void;
  onLogIn: () => void;
}

export function SignUp({ onDone, onLogIn }: Props) {
  const form = useForm({ userid: randomUUID(), firstname: "", lastname: "", email: "", password: "" }, async (values) => {
    try {
      onDone(await api.signUp(values));
    } catch (error) {
      if (error instanceof Problem && error.status === 409) {
        values.userid = randomUUID(); // another e-mail is another account
      }
      throw error;
    }
  });
  return (
    <Form label="Sign up" onSubmit={form.submit} message={form.message} submit="Sign up" busy={form.busy}
      extra={<Anchor component="button" type="button" onClick={onLogIn}>I have an account</Anchor>}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label="First name" autoComplete="given-name" required withAsterisk={false} {...form.bind("firstname")} />
        <TextInput label="Last name" autoComplete="family-name" required withAsterisk={false} {...form.bind("lastname")} />
      </SimpleGrid>
      <TextInput label="E-mail" type="email" autoComplete="email" required withAsterisk={false} {...form.bind("email")} />
      <PasswordInput label="Password" description="8 characters at least" autoComplete="new-password" required withAsterisk={false} {...form.bind("password")} />
    </Form>
  );
}
