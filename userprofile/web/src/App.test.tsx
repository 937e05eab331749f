import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { App } from "./App";

interface Call { method: string; path: string; body: Record<string, string> }
let calls: Call[];
let answers: Record<string, { status: number; body?: unknown; headers?: Record<string, string> }[]>;

const john = { userid: "11111111-1111-4111-8111-111111111111", firstname: "John", lastname: "Smith", email: "john@example.com", created_date: "2026-11-23T10:00:00.000Z" };

beforeEach(() => {
  calls = [];
  answers = { "GET /api/profile": [{ status: 401, body: { message: "Please log in." } }] };
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    calls.push({ method, path, body: init.body ? JSON.parse(String(init.body)) : {} });
    const list = answers[`${method} ${path}`];
    const next = list && (list.length > 1 ? list.shift() : list[0]);
    if (!next) throw new TypeError(`no answer for ${method} ${path}`);
    return new Response(next.body === undefined ? null : JSON.stringify(next.body), { status: next.status, headers: next.headers });
  });
});

function show() {
  render(<MantineProvider><App /></MantineProvider>);
  return userEvent.setup();
}

async function fillSignUp(user: ReturnType<typeof userEvent.setup>) {
  await user.type(await screen.findByLabelText("First name"), "John");
  await user.type(screen.getByLabelText("Last name"), "Smith");
  await user.type(screen.getByLabelText("E-mail"), "john@example.com");
  await user.type(screen.getByLabelText("Password", { selector: "input" }), "secret-pass");
}

test("signing up shows the profile", async () => {
  answers["POST /api/signup"] = [{ status: 201, body: john }];
  const user = show();
  await fillSignUp(user);
  await user.click(screen.getByRole("button", { name: "Sign up" }));
  expect(await screen.findByRole("heading", { name: "John Smith" })).toBeTruthy();
  expect(calls.at(-1)!.body).toMatchObject({ firstname: "John", email: "john@example.com", password: "secret-pass" });
});

test("a sign-up that is sent again keeps its id, another e-mail gets a new one", async () => {
  answers["POST /api/signup"] = [
    { status: 503, body: { message: "Please try again." } },
    { status: 409, body: { message: "This e-mail can't be used.", fields: { email: "An account with this e-mail exists already." } } },
    { status: 201, body: john },
  ];
  const user = show();
  await fillSignUp(user);
  const button = screen.getByRole("button", { name: "Sign up" });
  for (const text of ["Please try again.", "An account with this e-mail exists already."]) {
    await user.click(button);
    await screen.findByText(text);
  }
  await user.click(button);
  await screen.findByRole("heading", { name: "John Smith" });
  const ids = calls.filter((c) => c.path === "/api/signup").map((c) => c.body.userid);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[1]);
});

test("what is wrong is told at its field, which gets the focus", async () => {
  answers["POST /api/signup"] = [{ status: 400, body: { message: "Please check the marked fields.", fields: { password: "A password needs 8 characters at least." } } }];
  const user = show();
  await fillSignUp(user);
  await user.click(screen.getByRole("button", { name: "Sign up" }));
  await screen.findByText("A password needs 8 characters at least.");
  const field = screen.getByLabelText("Password", { selector: "input" });
  await vi.waitFor(() => expect(document.activeElement).toBe(field), 30_000);
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("too many failures say how long to wait", async () => {
  answers["POST /api/login"] = [{ status: 429, body: { message: "no" }, headers: { "Retry-After": "61" } }];
  const user = show();
  await user.click(await screen.findByRole("button", { name: "I have an account" }));
  await user.type(screen.getByLabelText("E-mail"), "john@example.com");
  await user.type(screen.getByLabelText("Password", { selector: "input" }), "wrong");
  await user.click(screen.getByRole("button", { name: "Log in" }));
  expect((await screen.findByRole("alert")).textContent).toContain("Try again in 2 minutes.");
});

test("editing the name and logging out", async () => {
  answers["GET /api/profile"] = [{ status: 200, body: john }];
  answers["PATCH /api/profile"] = [{ status: 200, body: { ...john, firstname: "Johnny" } }];
  answers["POST /api/logout"] = [{ status: 204 }];
  const user = show();
  const form = within(await screen.findByRole("form", { name: "Edit name" }));
  await user.clear(form.getByLabelText("First name"));
  await user.type(form.getByLabelText("First name"), "Johnny");
  await user.click(form.getByRole("button", { name: "Save" }));
  await screen.findByRole("heading", { name: "Johnny Smith" });
  await screen.findByText("Your name is saved.");
  await user.click(screen.getByRole("button", { name: "Log out" }));
  await screen.findByText("You are logged out.");
});

test("a server that can't be reached can be asked again", async () => {
  delete answers["GET /api/profile"];
  const user = show();
  await screen.findByText(/can't be reached/);
  answers["GET /api/profile"] = [{ status: 200, body: john }];
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("heading", { name: "John Smith" });
});
