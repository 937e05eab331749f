import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { groupsOf, resourcesOf, scopesOf } from "./organization";
import { Roles } from "./Roles";

const session = { clientId: "own", role: "Organization Administrator", database: { id: "1", name: "astrolabe", region: "local" } };
const actions = ["db-cql", "db-rest", "db-graphql", "db-all-keyspace-create", "db-keyspace-describe", "db-table-create", "db-table-alter", "db-table-drop", "db-table-describe", "db-table-select", "db-table-modify", "org-token-read", "accesslist-read"];
interface Policy { description: string; resources: string[]; actions: string[]; effect: string }
let roles: { id: string; name: string; kind: string; policy: Policy }[];
let sent: { method: string; body: { name: string; policy: Policy } }[];

beforeEach(() => {
  sent = [];
  roles = [{ id: "a", name: "Organization Administrator", kind: "built-in", policy: { description: "", resources: ["drn:astra:org:o:db:d:keyspace:*:table:*"], actions, effect: "allow" } }];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const reply = (body: unknown) => new Response(JSON.stringify(body), { status: 200 });
    if (path.endsWith("/currentOrg")) return reply({ id: "o" });
    if (path.endsWith("/schema")) return reply({ version: "1", keyspaces: [{ name: "shop", system: false, tables: [{ name: "orders", columns: [], indexes: [] }], types: [] }] });
    if (init.method === "GET") return reply(roles);
    const body = JSON.parse(String(init.body)) as (typeof sent)[0]["body"];
    sent.push({ method: init.method!, body });
    roles = [...roles.slice(0, 1), { id: "r", kind: "custom", ...body }];
    return reply(roles[1]);
  });
});

// Queries by text and label, and plain events mostly: by role, and key by key, this takes minutes on a busy machine.
const press = async (text: string | RegExp) => fireEvent.click(await screen.findByText(text, { selector: "button *" }));

test("a role reaches several keyspaces and tables with any actions, and is changed", async () => {
  render(<MantineProvider env="test"><QueryClientProvider client={new QueryClient()}><Roles session={session} onEnd={() => {}} /></QueryClientProvider></MantineProvider>);
  await press("New role");
  await press("Make the role");
  await screen.findByText("Enter a name.");
  await screen.findByText("Name at least one.");
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: "clerk" } });
  const user = userEvent.setup();
  const on = screen.getByLabelText(/^On/, { selector: "input:not([type=hidden])" });
  await user.type(on, "a b{Enter}");
  await press("Make the role");
  await screen.findByText(/a b is none of/);
  await user.type(on, "{Backspace}a.t{Enter}b.*{Enter}");
  fireEvent.click(screen.getByLabelText("Use REST and Documents"));
  await press(/All 13 actions/);
  fireEvent.click(screen.getByLabelText("db-table-alter"));
  await press("Make the role");
  await vi.waitFor(() => expect(sent).toHaveLength(1), 60_000);
  expect(sent[0].body.name).toBe("clerk");
  expect(sent[0].body.policy.resources).toEqual(["drn:astra:org:o:db:*:keyspace:a:table:t", "drn:astra:org:o:db:*:keyspace:b", "drn:astra:org:o:db:*:keyspace:b:table:*"]);
  expect([...sent[0].body.policy.actions].sort()).toEqual(["db-cql", "db-keyspace-describe", "db-table-alter", "db-table-describe", "db-table-select"]);

  await press("Change");
  fireEvent.click(await screen.findByLabelText("Write rows"));
  await press("Save");
  await vi.waitFor(() => expect(sent).toHaveLength(2), 60_000);
  expect(sent[1]).toMatchObject({ method: "PUT", body: { name: "clerk", policy: { resources: sent[0].body.policy.resources } } });
  expect(sent[1].body.policy.actions).toContain("db-table-modify");
});

test("scopes are resources and back, and what is no scope is kept", () => {
  for (const scopes of [["*"], ["a.*", "b.t"], ["a.t", "a.u"]]) expect(scopesOf(resourcesOf("o", scopes))).toEqual({ scopes, others: [] });
  const others = ["drn:astra:org:o", "drn:astra:org:o:db:d", "drn:astra:org:o:db:d:keyspace:a"];
  expect(scopesOf([...others, "drn:astra:org:o:db:d:keyspace:b:table:t"])).toEqual({ scopes: ["b.t"], others });
});

test("every action is in a group", () => {
  expect(groupsOf(actions).flatMap((g) => g.actions).sort()).toEqual([...actions].sort());
});
