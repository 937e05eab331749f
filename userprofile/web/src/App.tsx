import { Alert, Button, Card, Center, Container, Group, Loader, Text, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { api, Problem, type User } from "./api";
import { LogIn } from "./LogIn";
import { Profile } from "./Profile";
import { SignUp } from "./SignUp";

type Page = { at: "loading" } | { at: "failed"; message: string } | { at: "signup" } | { at: "login"; notice?: string } | { at: "profile"; user: User };

/** The whole app is one card: sign up, log in, or the profile. */
export function App() {
  const [page, setPage] = useState<Page>({ at: "loading" });
  const heading = useRef<HTMLHeadingElement>(null);

  function load() {
    setPage({ at: "loading" });
    api.profile().then(
      (user) => setPage({ at: "profile", user }),
      (error: unknown) => {
        const anonymous = error instanceof Problem && error.status === 401;
        setPage(anonymous ? { at: "signup" } : { at: "failed", message: error instanceof Error ? error.message : String(error) });
      },
    );
  }
  useEffect(load, []);

  /** Moves to another page and tells screen readers so. */
  function go(next: Page) {
    setPage(next);
    setTimeout(() => heading.current?.focus());
  }

  async function logOut() {
    try {
      await api.logOut();
      go({ at: "login", notice: "You are logged out." });
    } catch (error) {
      go({ at: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  }

  return (
    <Container component="main" size={520} py={{ base: "md", xs: 64 }} px="sm">
      <Group justify="space-between" mb="md" wrap="nowrap">
        <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: "none" }}>{titleOf(page)}</Title>
        {page.at === "profile" && <Button variant="default" onClick={() => void logOut()}>Log out</Button>}
      </Group>
      <Card withBorder radius="md" padding="lg" shadow="sm">
        {page.at === "loading" && <Center py="xl"><Loader aria-label="Loading" /></Center>}
        {page.at === "failed" && (
          <Alert color="red" variant="light" role="alert" title="This did not work">
            {page.message}
            <Button mt="sm" variant="light" color="red" onClick={load}>Try again</Button>
          </Alert>
        )}
        {page.at === "signup" && <SignUp onDone={(user) => go({ at: "profile", user })} onLogIn={() => go({ at: "login" })} />}
        {page.at === "login" && (
          <>
            {page.notice !== undefined && <Alert variant="light" mb="md" role="status">{page.notice}</Alert>}
            <LogIn onDone={(user) => go({ at: "profile", user })} onSignUp={() => go({ at: "signup" })} />
          </>
        )}
        {page.at === "profile" && (
          <Profile user={page.user} onChange={(user) => setPage({ at: "profile", user })}
            onDeleted={() => go({ at: "login", notice: "Your account is deleted." })} />
        )}
      </Card>
      <Text c="dimmed" size="sm" mt="md" ta="center">User Profile, on Astrolabe</Text>
    </Container>
  );
}

function titleOf(page: Page): string {
  switch (page.at) {
    case "signup": return "Sign up";
    case "login": return "Log in";
    case "profile": return "Your profile";
    default: return "User Profile";
  }
}
