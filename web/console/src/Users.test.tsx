import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { Users } from "./Users";

const session = { clientId: "own", role: "Organization Administrator", database: { id: "1", name: "astrolabe", region: "local" } };
const roles = ["RO User", "R/W User"].map((name) => ({ id: name, name, kind: "built-in", policy: { description: "", resources: [], actions: [], effect: "allow" } }));
interface Sent { method: string; path: string; body: { email: string; roles: string[]; password: string } }
let sent: Sent[];
let users: { userID: string; email: string; status: string; roles: typeof roles }[];
let status: number;

beforeEach(() => {
  sent = [];
  users = [];
  status = 200;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const reply = (code: number, body?: unknown) => new Response(body === undefined ? null : JSON.stringify(body), { status: code });
    if (status !== 200) return reply(status, { errors: [{ ID: 0, message: "the token's role \"R/W User\" lacks org-user-read" }] });
    if (path.endsWith("/organizations/roles")) return reply(200, roles);
    if (init.method === "GET") return reply(200, { users });
    const body = init.body ? (JSON.parse(String(init.body)) as Sent["body"]) : undefined;
    sent.push({ method: init.method!, path, body: body! });
    const named = (ids: string[]) => roles.filter((r) => ids.includes(r.id));
    if (init.method === "DELETE") users = [];
    else if (path.endsWith("/users")) users = [{ userID: "u1", email: body!.email, status: body!.password === "" ? "invited" : "active", roles: named(body!.roles) }];
    else if (path.endsWith("/u1/roles")) users = users.map((u) => ({ ...u, roles: named(body!.roles) }));
    return init.method === "DELETE" ? reply(204) : reply(200, users[0]);
  });
});

function open() {
  const client = new QueryClient();
  render(<MantineProvider env="test"><QueryClientProvider client={client}><Users session={session} onEnd={() => {}} /></QueryClientProvider></MantineProvider>);
  return client;
}

// Queries by text and label, and plain events: by role, and key by key, this takes minutes on a busy machine.
const press = async (text: string) => fireEvent.click(await screen.findByText(text, { selector: "button *" }));
const enter = (label: RegExp, value: string) => fireEvent.change(screen.getByLabelText(label, { selector: "input" }), { target: { value } });

async function give(role: string) {
  fireEvent.click(await screen.findByLabelText("Roles", { selector: "input:not([type=hidden])" }));
  fireEvent.click(await screen.findByText(role, { selector: "[role=option] *" }));
}

test("a user is made with a password that is shown once, gets other roles, and is deleted", async () => {
  const client = open();
  await screen.findByText(/There are no users yet/);
  await press("New user");
  await press("Make the user");
  await screen.findByText("Enter a name.");
  enter(/^Name/, "alice");
  await give("RO User");
  await press("Make the user");
  await screen.findByText("Copy it now: it will not be shown again.");
  expect(sent[0].body).toMatchObject({ email: "alice", roles: ["RO User"] });
  const { password } = sent[0].body;
  expect(password).toMatch(/^[\w-]{24}$/);
  await screen.findByText(password);
  await press("I have it");
  await screen.findByText("RO User");
  expect(document.body.innerHTML + JSON.stringify(client.getQueryCache().getAll().map((q) => q.state.data))).not.toContain(password);

  await press("Roles");
  await give("R/W User");
  await press("Save");
  await screen.findByText("RO User, R/W User");

  await press("Delete");
  await screen.findByText("Delete this user?");
  fireEvent.click(screen.getAllByText("Delete", { selector: "button *" }).at(-1)!);
  await screen.findByText(/There are no users yet/);
});

test("a password is typed, or comes later", async () => {
  open();
  await screen.findByText(/There are no users yet/);
  await press("New user");
  enter(/^Name/, "bob");
  fireEvent.click(screen.getByLabelText(/^Later/));
  await press("Make the user");
  await screen.findByText("no password yet");
  expect(sent[0].body.password).toBe("");

  await press("Password");
  fireEvent.click(await screen.findByLabelText("Enter one"));
  enter(/^The password/, "short");
  await press("Set the password");
  await screen.findByText("Enter at least 8 characters.");
  enter(/^The password/, "short no more");
  await press("Set the password");
  await vi.waitFor(() => expect(sent[1]).toMatchObject({ path: expect.stringContaining("/u1/password"), body: { password: "short no more" } }), 60_000);
  await vi.waitFor(() => expect(screen.queryByText("Set the password")).toBeNull(), 60_000);
});

test("a role that may not see users is told so", async () => {
  status = 403;
  open();
  await screen.findByText("Your role does not allow this");
  expect(screen.queryByText("New user")).toBeNull();
});
