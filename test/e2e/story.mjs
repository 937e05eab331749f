// The whole story, as a newcomer lives it.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { accessible, app, consolePage, fillSignUp, finished, hiddenCookie, includes, launch, logIn, logOut, open, openConsole, phone, run, runAll, secretField, token, unreadable, write } from "./browser.mjs";
import { picture } from "./pictures.mjs";
import { serveSite } from "./site.mjs";

const look = "use user_profile; select * from users; select * from user_credentials;";
const john = { first: "John", last: "Smith", email: "john.smith@example.com", password: "correct horse battery" };
const ada = { email: "Ada@Example.com", password: "plain-text-secret" };
const newPassword = "staple of another kind";

const browser = await launch();
const appPage = await open(browser);
const cqlPage = await open(browser);

async function signUp() {
  await appPage.goto(app);
  await appPage.getByRole("heading", { name: "Sign up" }).waitFor();
  await accessible(appPage, "the empty sign-up");
  await fillSignUp(appPage, john);
  await picture(appPage, "app-signup", { width: 720, height: 600 });
  await appPage.getByLabel("E-mail").fill("not an address");
  await appPage.getByRole("button", { name: "Sign up" }).click();
  await appPage.getByText("This is not an e-mail address").waitFor();
  await accessible(appPage, "a sign-up with errors");
  await fillSignUp(appPage, john);
  await appPage.getByRole("button", { name: "Sign up" }).click();
  await appPage.getByRole("heading", { name: "John Smith" }).waitFor();
  await appPage.getByText(john.email).waitFor();
  await accessible(appPage, "the profile");
  await picture(appPage, "app-profile", { width: 720, height: 600 });
  await hiddenCookie(appPage, app);
}

async function seeTheRows() {
  await cqlPage.goto(consolePage);
  await secretField(cqlPage, "Application token").waitFor();
  await accessible(cqlPage, "the console's login");
  await secretField(cqlPage, "Application token").fill("AstraCS:mistyped");
  await cqlPage.getByRole("button", { name: "Log in" }).click();
  await cqlPage.getByText("This is not a valid application token.").waitFor();
  await accessible(cqlPage, "a refused login");
  await openConsole(cqlPage);
  await accessible(cqlPage, "the empty console");
  await cqlPage.getByLabel("CQL editor").click();
  await cqlPage.keyboard.type(look); // as a person does, completion and all
  includes(await runAll(cqlPage), "John", "Smith", john.email, "$argon2id$", "1 row");
  assert.equal(await cqlPage.getByRole("table").or(cqlPage.getByRole("grid")).count(), 2, "tables of results");
  await accessible(cqlPage, "the console with results");
  await hiddenCookie(cqlPage, consolePage);
  await unreadable(cqlPage, token);
  await run(cqlPage, look.replaceAll("; ", ";\n"));
  await picture(cqlPage, "console", { width: 1280, height: 800 });
  includes(await run(cqlPage, "select lastname from users where userid = 11111111-1111-4111-8111-111111111111;"), "lastname", "text", "0 rows");
  assert.equal(await cqlPage.getByRole("columnheader").count(), 1, "an empty result shows its columns");
  await accessible(cqlPage, "the console with an empty result");
  includes(await run(cqlPage, "select firstname from users;\nselect nope from users"), "John", "Undefined column name nope");
  await accessible(cqlPage, "the console with an error");
  await runTheStatementUnderTheCursor();
  await exportTheRows();
}

async function runTheStatementUnderTheCursor() {
  await write(cqlPage, "select lastname from users;\nselect email from user_credentials;");
  await cqlPage.keyboard.press("Control+Enter");
  const text = await finished(cqlPage);
  includes(text, john.email, "1 row");
  assert.ok(!text.includes("Smith"), `only one statement ran:\n${text}`);
}

async function exportTheRows() {
  const download = cqlPage.waitForEvent("download");
  await cqlPage.getByRole("button", { name: "Export CSV" }).click();
  let csv = "";
  for await (const chunk of await (await download).createReadStream()) csv += chunk;
  assert.match(csv, /^email\r\njohn\.smith@example\.com\r\n$/);
}

async function editTheProfile() {
  await logOut(appPage);
  await accessible(appPage, "the app's login");
  await logIn(appPage, john);
  await appPage.getByRole("heading", { name: "John Smith" }).waitFor();
  await appPage.getByText(john.email).waitFor();
  await appPage.getByLabel("First name").fill("Johnny");
  await appPage.getByRole("button", { name: "Save" }).click();
  await appPage.getByText("Your name is saved.").waitFor();
  await appPage.getByRole("heading", { name: "Johnny Smith" }).waitFor();
  includes(await run(cqlPage, look), "Johnny", "1 row");
}

async function changeThePassword() {
  await appPage.getByRole("tab", { name: "Password" }).click();
  await secretField(appPage, "Current password").fill("not the password");
  await secretField(appPage, "New password").fill(newPassword);
  await appPage.getByRole("button", { name: "Change password" }).click();
  await appPage.getByText(/wrong/i).first().waitFor();
  await accessible(appPage, "a refused change of password");
  await secretField(appPage, "Current password").fill(john.password);
  await secretField(appPage, "New password").fill(newPassword);
  await appPage.getByRole("button", { name: "Change password" }).click();
  await appPage.getByText("Your password is changed").waitFor();
  await logOut(appPage);
  await logIn(appPage, john); // the old one
  await appPage.getByText("The e-mail or the password is wrong.").waitFor();
  await logIn(appPage, { ...john, password: newPassword });
  await appPage.getByRole("heading", { name: "Johnny Smith" }).waitFor();
  await logOut(appPage);
}

/** The post's function, unchanged but for URLs and token, on a page of another origin. */
async function thePostsClient() {
  const site = await serveSite();
  const page = await open(browser);
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  await page.goto(site.url);
  await page.waitForFunction(() => window.createNewUser);
  const answered = (table) => page.waitForResponse((r) => r.request().method() === "POST" && r.url().endsWith(`/${table}`));
  const [users, credentials] = await Promise.all([
    answered("users"), answered("user_credentials"),
    page.evaluate((a) => window.createNewUser("Ada", "Lovelace", a.email, a.password), ada),
  ]);
  site.close();
  assert.deepEqual(said, [], "the function caught nothing");
  assert.deepEqual([users.status(), credentials.status()], [201, 201]);
  assert.match((await users.json()).userid, /^[0-9a-f-]{36}$/);
  assert.equal((await credentials.json()).email, ada.email);
  includes(await run(cqlPage, look), "Ada", "Lovelace", ada.password, "2 rows");
  await page.goto(app);
  await page.getByRole("button", { name: "I have an account" }).click();
  await logIn(page, ada);
  await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
  const after = await run(cqlPage, look);
  includes(after, "Ada", "2 rows");
  assert.ok(!after.includes(ada.password), `the password is hashed at the first login:\n${after}`);
  assert.equal(after.split("$argon2id$").length - 1, 2, "both passwords are hashes");
}

/** Presses Tab until the field or button of that name has the focus. */
async function tabTo(page, locator) {
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press("Tab");
    if (await locator.evaluate((e) => e === document.activeElement)) return;
  }
  assert.fail(`Tab does not reach ${locator}`);
}

/** Signs up and logs out without a pointer, on a small screen. */
async function byKeyboard() {
  const page = await open(browser, phone);
  await page.goto(app);
  await page.getByRole("heading", { name: "Sign up" }).waitFor();
  await accessible(page, "sign-up at 360 px");
  await tabTo(page, page.getByLabel("First name"));
  for (const text of ["Grace", "Hopper", "grace@example.com"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type(john.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Grace Hopper" }).waitFor();
  await accessible(page, "profile at 360 px");
  await tabTo(page, page.getByRole("button", { name: "Log out" }));
  await page.keyboard.press("Enter");
  await page.getByText("You are logged out.").waitFor();
  await accessible(page, "login at 360 px");
}

async function consoleOnAPhone() {
  const page = await open(browser, { ...phone, colorScheme: "dark" });
  await page.goto(consolePage);
  await secretField(page, "Application token").waitFor();
  await accessible(page, "the console's login at 360 px");
  await openConsole(page);
  await accessible(page, "the console at 360 px");
  includes(await run(page, look), "Grace", "3 rows");
  await accessible(page, "the console with results at 360 px");
}

/** A role of two scopes and a user of it, with a password that is shown once, on a phone and by keyboard where that is less usual. */
async function rolesAndUsers() {
  const page = await open(browser, phone);
  page.setDefaultTimeout(60_000);
  const button = (name) => page.getByRole("button", { name, exact: true });
  await openConsole(page);
  await page.getByRole("link", { name: "Roles" }).click();
  await button("New role").click();
  await page.getByRole("textbox", { name: "Name" }).fill("clerk");
  await page.getByRole("combobox", { name: "On" }).focus();
  await page.keyboard.type("user_profile.users");
  await page.keyboard.press("Enter");
  await page.keyboard.type("shop.*");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape"); // the suggestions
  await page.getByRole("button", { name: /^All \d+ actions/ }).click();
  await page.getByRole("checkbox", { name: "db-keyspace-grant" }).check();
  await accessible(page, "the form of a role at 360 px");
  await button("Make the role").click();
  await button("Details of clerk").click();
  await page.getByText("user_profile.users, keyspace shop, every table of shop").waitFor();
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByText(/There are no users yet/).waitFor();
  await button("New user").click();
  await page.getByRole("textbox", { name: "Name" }).fill("grace");
  await page.getByRole("combobox", { name: "Roles" }).fill("clerk");
  await page.getByRole("option", { name: "clerk" }).click();
  await page.keyboard.press("Tab"); // away from the list
  await page.getByRole("option").first().waitFor({ state: "hidden" });
  await accessible(page, "the form of a user at 360 px");
  await button("Make the user").click();
  await page.getByText("Copy it now: it will not be shown again.").waitFor();
  const password = await page.locator("pre.secret").first().textContent();
  await button("I have it").click();
  await button("Delete grace").waitFor();
  await accessible(page, "a user at 360 px");
  await unreadable(page, password);
  const logged = await page.request.post(`http://${process.env.HTTP}/v1/auth`, { data: { username: "grace", password } });
  assert.equal(logged.status(), 201, "the user logs in with it");
  await button("Delete grace").click();
  await button("Delete").click();
  await page.getByText(/There are no users yet/).waitFor();
}

/** After kill -9: the app's session goes on, the console's has ended, the rows are there. */
async function killAndGoOn() {
  await logIn(appPage, { ...john, password: newPassword });
  await appPage.getByRole("heading", { name: "Johnny Smith" }).waitFor();
  const again = new Promise((resolve) => createInterface({ input: process.stdin }).once("line", resolve));
  console.log("story: kill the server");
  await again;
  await appPage.reload();
  await appPage.getByRole("heading", { name: "Johnny Smith" }).waitFor();
  await cqlPage.getByRole("button", { name: "Run all" }).click();
  await secretField(cqlPage, "Application token").waitFor();
  await accessible(cqlPage, "the console's login after its session");
  await openConsole(cqlPage);
  includes(await run(cqlPage, look), "Johnny", "Ada", "Grace", "3 rows");
  await logOut(appPage);
}

try {
  for (const step of [signUp, seeTheRows, editTheProfile, changeThePassword, thePostsClient, byKeyboard, consoleOnAPhone, rolesAndUsers, killAndGoOn]) {
    const began = Date.now();
    await step();
    console.log(`ok: ${step.name}, ${Date.now() - began} ms`);
  }
} finally {
  process.stdin.destroy();
  await browser.close();
}
console.log("story: all checks passed");
