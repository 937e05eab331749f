// The console's pages beside the CQL console, in a real Chromium: each empty,
// full and in error, at a desktop's and a phone's width, light and dark, and by
// keyboard. Prints the snippets of the Connect page, which the test then runs.
import assert from "node:assert/strict";
import { accessible, consolePage, finished, launch, open, openConsole, run, secretField, token } from "./browser.mjs";

const browser = await launch();
const shots = process.env.SHOTS;
const api = `http://${process.env.HTTP}`;
const call = async (method, path, body) => {
  const answer = await fetch(api + path, { method, headers: { "X-Cassandra-Token": token, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
};

/** Goes to a page by the navigation. */
async function go(page, title) {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: title, exact: true }).click();
}

/** Looks at the page as it is: axe, and nothing wider than the window. */
async function look(page, name) {
  await accessible(page, name);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.ok(!wider, `${name}: the page is wider than the window`);
  if (shots) await page.screenshot({ path: `${shots}/${name.replaceAll(" ", "-")}.png` });
}

async function walk(page, where) {
  await openConsole(page);
  await look(page, `cql ${where}`);

  await go(page, "REST");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("200", { exact: true }).waitFor();
  await look(page, `rest ${where}`);
  await page.getByLabel("Path").fill("/v2/keyspaces/nowhere/nothing/rows");
  await page.keyboard.press("Enter");
  await page.getByText("400", { exact: true }).waitFor();
  await look(page, `rest error ${where}`);

  await go(page, "Documents");
  await page.getByText("This namespace has no collections yet").waitFor();
  await look(page, `documents empty ${where}`);
  await page.getByLabel("Namespace").selectOption("library");
  await page.getByText("20+ documents", { exact: true }).waitFor();
  await look(page, `documents ${where}`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("button", { name: /^d01/ }).click();
  await page.getByLabel("Document as JSON").waitFor();
  assert.match(await page.getByLabel("Document as JSON").inputValue(), /9007199254740993/);
  await look(page, `document ${where}`);
  await page.getByLabel("Search (where)").fill('{"n": {"$gt": 22}}');
  await page.keyboard.press("Enter");
  await page.getByText("2 documents", { exact: true }).waitFor();
  await page.getByLabel("Search (where)").fill("nonsense");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await look(page, `documents error ${where}`);

  await go(page, "Connect");
  await page.getByRole("tab", { name: "cqlsh" }).waitFor();
  await look(page, `connect ${where}`);

  await go(page, "GraphQL");
  await page.locator(".graphiql-container").waitFor();
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.locator(".result-window").getByText('"library"').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/graphql-${where.replaceAll(" ", "-")}.png` });
}

/** Edits a document: what is not JSON is told, what is saved is there. */
async function edit(page) {
  await go(page, "Documents");
  await page.getByLabel("Namespace").selectOption("library");
  await page.getByText("24 documents", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^d02/ }).click(); // both pages of the list are there already
  const text = page.getByLabel("Document as JSON");
  await text.fill("{");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/This is not JSON/).waitFor();
  await text.fill('{"title": "changed", "exact": 12345678901234567890}');
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: /^d02/ }).click();
  await page.waitForFunction(() => document.querySelector("textarea[aria-label='Document as JSON']")?.value.includes("12345678901234567890"));
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByRole("button", { name: /^d02/ }).waitFor({ state: "detached" });
}

/** The navigation by keyboard; the CQL console keeps its text. */
async function byKeyboard(page) {
  await go(page, "CQL");
  await page.getByRole("link", { name: "REST", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "REST API" }).waitFor();
  await go(page, "CQL");
  await run(page, "SELECT key FROM system.local;");
  await finished(page);
  await go(page, "REST");
  await go(page, "CQL");
  await page.getByRole("cell", { name: "local", exact: true }).waitFor(); // it is as it was left
}

/** The snippets with a token, and that it is kept nowhere. */
async function snippets(page) {
  await go(page, "Connect");
  await secretField(page, "Application token").fill(token);
  const found = {};
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    const pre = page.locator("pre[data-snippet]:visible");
    found[await pre.getAttribute("data-snippet")] = await pre.textContent();
  }
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie);
  assert.ok(!kept.includes("AstraCS"), "a token is in storage that scripts can read");
  return found;
}

try {
  await call("POST", "/v2/schemas/namespaces", { name: "empty" });
  await call("POST", "/v2/schemas/namespaces", { name: "library" });
  await call("POST", "/v2/namespaces/library/collections", { name: "books" });
  for (let i = 1; i <= 24; i++) {
    await call("PUT", `/v2/namespaces/library/collections/books/d${String(i).padStart(2, "0")}`, { title: `Book ${i}`, n: i, tags: ["a", "b"], big: 1 });
  }
  await fetch(`${api}/v2/namespaces/library/collections/books/d01`, { method: "PUT", headers: { "X-Cassandra-Token": token, "Content-Type": "application/json" }, body: '{"title": "Book 1", "n": 1, "big": 9007199254740993}' });
  const desktop = await open(browser);
  await walk(desktop, "desktop light");
  await edit(desktop);
  await byKeyboard(desktop);
  await walk(await open(browser, { viewport: { width: 390, height: 800 }, colorScheme: "dark" }), "phone dark");
  await walk(await open(browser, { colorScheme: "dark" }), "desktop dark");
  await walk(await open(browser, { viewport: { width: 390, height: 800 } }), "phone light");
  console.log("snippets: " + JSON.stringify(await snippets(desktop)));
  console.log("console pages: all checks passed");
} finally {
  await browser.close();
}
