import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { Tokens } from "./Tokens";

const session = { clientId: "own", role: "Organization Administrator", database: { id: "1", name: "astrolabe", region: "local" } };
const secret = { clientId: "new", secret: "client-secret", token: "AstraCS:new:secret" };
let clients: { clientId: string; roles: string[]; generatedOn: string; description: string }[];
let status: number;

beforeEach(() => {
  clients = [];
  status = 200;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const reply = (code: number, body: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status: code });
    if (status !== 200) return reply(status, { errors: [{ ID: 0, message: "the token's role \"R/W User\" lacks org-token-read" }] });
    if (path.endsWith("/roles")) return reply(200, [{ id: "r1", name: "RO User", kind: "built-in", policy: { description: "", resources: [], actions: [], effect: "allow" } }]);
    if (init.method === "POST") {
      const body = JSON.parse(String(init.body)) as { roles: string[]; description: string };
      clients.push({ clientId: "new", roles: body.roles, generatedOn: "2026-01-01T00:00:00Z", description: body.description });
      return reply(200, secret);
    }
    if (init.method === "DELETE") {
      clients = clients.filter((c) => !path.endsWith(`/${c.clientId}`));
      return reply(204, undefined);
    }
    return reply(200, { clients });
  });
});

function open(onEnd = () => {}) {
  render(<MantineProvider env="test"><QueryClientProvider client={new QueryClient()}><Tokens session={session} onEnd={onEnd} /></QueryClientProvider></MantineProvider>);
  return userEvent.setup();
}

test("a token is made, shown once, listed without its secret, and revoked", async () => {
  const user = open();
  await screen.findByText("There are no tokens yet.");
  await user.click(screen.getByRole("button", { name: "New token" }));
  await user.click(await screen.findByRole("button", { name: "Make the token" }));
  await screen.findByText("Choose a role.");
  await user.click(screen.getByRole("combobox", { name: /Role/ }));
  await user.click(await screen.findByText("RO User"));
  await user.type(screen.getByLabelText("Description"), "nightly");
  await user.click(screen.getByRole("button", { name: "Make the token" }));
  await screen.findByText(secret.token);
  await user.click(screen.getByRole("button", { name: "I have it" }));
  expect(screen.queryByText(secret.token)).toBeNull();
  await user.click((await screen.findAllByRole("button", { name: "Revoke new" }))[0]);
  await user.click(await screen.findByRole("button", { name: "Revoke" }));
  await screen.findByText("There are no tokens yet.");
});

test("a role that may not see tokens is told so, and the end of the session ends the page", async () => {
  status = 403;
  open();
  await screen.findByText("Your role does not allow this");
  await screen.findByText(/lacks org-token-read/);
});

test("a session that has ended leads to the log-in page", async () => {
  status = 401;
  const onEnd = vi.fn();
  open(onEnd);
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledWith("Your session has ended. Please log in again."), 30_000);
});
