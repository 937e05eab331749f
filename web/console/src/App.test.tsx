import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { App } from "./App";

interface Sent { method: string; path: string; body: { token?: string; statement?: string; keyspace?: string } }
let sent: Sent[];
let loggedIn: boolean;
let answer: (statement: string) => { status: number; body: unknown };

const info = { clientId: "abc", role: "Database Administrator", database: { id: "1", name: "astrolabe", region: "local" } };
const token = "AstraCS:secret";

beforeEach(() => {
  sent = [];
  loggedIn = false;
  localStorage.clear();
  answer = () => ({ status: 200, body: { kind: "void", elapsed: 1 } });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const body = init.body ? (JSON.parse(String(init.body)) as Sent["body"]) : {};
    sent.push({ method: init.method!, path, body });
    const reply = (status: number, value: unknown) => new Response(JSON.stringify(value), { status });
    if (path.endsWith("/session") && init.method === "POST") {
      loggedIn = body.token === token;
      return loggedIn ? reply(200, info) : reply(401, { message: "This is not a valid application token." });
    }
    if (!loggedIn) return reply(401, { message: "Please log in." });
    if (path.endsWith("/session")) return reply(200, info);
    if (path.endsWith("/schema")) return reply(200, { version: "1", keyspaces: [] });
    const a = answer(body.statement ?? "");
    return reply(a.status, a.body);
  });
});

async function open() {
  const user = userEvent.setup();
  render(<MantineProvider><QueryClientProvider client={new QueryClient()}><App /></QueryClientProvider></MantineProvider>);
  const field = await screen.findByLabelText("Application token", { selector: "input" });
  return { user, field };
}

async function enter() {
  const { user, field } = await open();
  await user.type(field, token);
  await user.click(screen.getByRole("button", { name: "Log in" }));
  await screen.findByRole("button", { name: "Run all" });
  return user;
}

test("a wrong token is told, a right one opens the console and is kept nowhere", async () => {
  const { user, field } = await open();
  await user.type(field, "nope");
  await user.click(screen.getByRole("button", { name: "Log in" }));
  await screen.findByText(/not a valid application token/);
  await user.clear(field);
  await user.type(field, token);
  await user.click(screen.getByRole("button", { name: "Log in" }));
  await screen.findByRole("button", { name: "Run all" });
  expect(JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + document.body.innerHTML).not.toContain(token);
});

test("several statements run in a row in the keyspace that USE chose, and stop at the first error", async () => {
  answer = (s) => {
    if (/^use/i.test(s)) return { status: 200, body: { kind: "use", keyspace: "user_profile", elapsed: 1 } };
    if (s.includes("users")) return { status: 200, body: { kind: "rows", columns: [{ name: "firstname", type: "text" }], rows: [["John"], [null]], json: [], elapsed: 1 } };
    return { status: 400, body: { message: "table user_credentials does not exist", code: 0x2200 } };
  };
  const user = await enter();
  await user.click(screen.getByText(/use user_profile/));
  await user.click(screen.getByRole("button", { name: "Run all" }));
  await screen.findByText("table user_credentials does not exist");
  expect(screen.getByText("Error 0x2200")).toBeTruthy();
  expect(screen.getByText("Using keyspace user_profile.")).toBeTruthy();
  expect(screen.getByText(/^2 rows/)).toBeTruthy();
  const queries = sent.filter((s) => s.path.endsWith("/query"));
  expect(queries.map((q) => q.body.keyspace)).toEqual(["", "user_profile", "user_profile"]);
});

test("a session that has ended leads back to the log-in page", async () => {
  const user = await enter();
  loggedIn = false;
  await user.click(screen.getByText("DESCRIBE KEYSPACES;"));
  await user.click(screen.getByRole("button", { name: "Run" }));
  await screen.findByText("Your session has ended. Please log in again.");
});
