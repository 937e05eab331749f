// The whole story, as a newcomer lives it; PHASE=after continues behind a kill -9.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { accessible, app, fillSignUp, launch, logIn, open, openConsole, password, run, token } from "./browser.mjs";

const story = "use user_profile; select * from users; select * from user_credentials;";
const john = { first: "John", last: "Smith", email: "john.smith@example.com" };
const shots = process.env.SCREENSHOTS;
const shot = async (page, name) => shots && page.screenshot({ path: `${shots}/${name}.png` });

async function signUp(browser) {
  const page = await open(browser);
  await page.goto(app);
  await page.getByRole("heading", { name: "Sign up" }).waitFor();
  await accessible(page, "sign-up");
  await fillSignUp(page, { ...john, email: "not an address" });
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByText("This is not an e-mail address").waitFor();
  await fillSignUp(page, john);
  await shot(page, "app-signup");
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "John Smith" }).waitFor();
  await accessible(page, "profile");
  await shot(page, "app-profile");
  return page;
}

async function seeRows(browser) {
  const page = await open(browser);
  await openConsole(page);
  await accessible(page, "empty console");
  const text = await run(page, story);
  for (const part of ["Using keyspace user_profile", "John", "Smith", john.email, "$argon2id$", "1 row"]) assert.ok(text.includes(part), `the console shows ${part}:\n${text}`);
  await accessible(page, "console with results");
  await shot(page, "console");
  const [session] = (await page.context().cookies()).filter((c) => c.name === "astrolabe_console");
  assert.equal(session.httpOnly, true);
  assert.equal(session.sameSite, "Strict");
  const readable = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + document.body.innerHTML);
  assert.ok(!readable.includes(token), "no script can read the token");
  const error = await run(page, "select 1 from users;\nselect nope from users");
  assert.match(error, /0x2\d00/);
  return page;
}

async function editProfile(page, consolePage) {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are logged out.").waitFor();
  await logIn(page, john.email, "wrong password");
  await page.getByText("The e-mail or the password is wrong.").waitFor();
  await logIn(page, john.email);
  await page.getByRole("heading", { name: "John Smith" }).waitFor();
  await page.getByLabel("First name").fill("Johnny");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Your name is saved.").waitFor();
  assert.ok((await run(consolePage, story)).includes("Johnny"), "the console sees the edit");
}

/** The source post's function, but for its URLs and its token. */
function createNewUser(baseUsersUrl, baseUserCredsUrl, token) {
  return `async function createNewUser(firstname, lastname, email, password) {
    const userUuid = crypto.randomUUID();
    const timestamp = new Date().toISOString();
    const userBody = { userid: userUuid, firstname, lastname, email, created_date: timestamp };
    const credentialBody = { email, password, userid: userUuid };
    try {
      const response = await fetch(${JSON.stringify(baseUsersUrl)}, {
        method: "POST",
        headers: { "Content-Type": "application/json", "x-cassandra-token": ${JSON.stringify(token)} },
        body: JSON.stringify(userBody),
      }).then((res) => res.json());
      const credentials = await fetch(${JSON.stringify(baseUserCredsUrl)}, {
        method: "POST",
        headers: { "Content-Type": "application/json", "x-cassandra-token": ${JSON.stringify(token)} },
        body: JSON.stringify(credentialBody),
      }).then((res) => res.json());
      return { response, credentials };
    } catch (e) {
      console.log(\`Something went wrong: \${e.message}\`);
    }
  }`;
}

/** Runs it from a page of another origin, then logs that user in. */
async function postsOwnClient(browser, consolePage) {
  const base = `http://${process.env.HTTP}/api/rest/v2/keyspaces/user_profile`;
  const script = createNewUser(`${base}/users`, `${base}/user_credentials`, token);
  const site = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(`<!doctype html><title>post</title><script>${script}</script>`));
  await new Promise((ready) => site.listen(0, "127.0.0.1", ready));
  const page = await open(browser);
  await page.goto(`http://localhost:${site.address().port}/`);
  const made = await page.evaluate(() => createNewUser("Ada", "Lovelace", "Ada@Example.com", "plain-text-secret"));
  site.close();
  assert.equal(made?.response.firstname, "Ada");
  assert.equal(made?.credentials.email, "Ada@Example.com");
  assert.ok((await run(consolePage, story)).includes("plain-text-secret"));
  await page.goto(app);
  await page.getByRole("button", { name: "I have an account" }).click();
  await logIn(page, "Ada@Example.com", "plain-text-secret");
  await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
  assert.ok(!(await run(consolePage, story)).includes("plain-text-secret"), "the password was hashed at the first login");
}

/** Keyboard only, on a small screen. */
async function byKeyboard(browser) {
  const page = await open(browser, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await page.goto(app);
  await page.getByLabel("First name").focus();
  for (const text of ["Grace", "Hopper", "grace@example.com", password]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
  await page.getByLabel("E-mail").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Grace Hopper" }).waitFor();
  await accessible(page, "profile at 360 px");
  const small = await open(browser, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await openConsole(small);
  await small.getByLabel("CQL editor").focus();
  await small.keyboard.insertText("SELECT firstname, lastname FROM user_profile.users;");
  await small.keyboard.press("Control+Enter");
  await small.getByText("3 rows").waitFor();
  await accessible(small, "console at 360 px");
}

async function afterTheKill(browser) {
  const page = await open(browser);
  await page.goto(app);
  await page.getByRole("button", { name: "I have an account" }).click();
  await logIn(page, john.email);
  await page.getByRole("heading", { name: "Johnny Smith" }).waitFor();
  const consolePage = await open(browser);
  await openConsole(consolePage);
  const text = await run(consolePage, story);
  for (const part of ["Johnny", "Ada", "Grace", "3 rows"]) assert.ok(text.includes(part), `${part} is still there:\n${text}`);
}

const browser = await launch();
try {
  if (process.env.PHASE === "after") {
    await afterTheKill(browser);
  } else {
    const page = await signUp(browser);
    const consolePage = await seeRows(browser);
    await editProfile(page, consolePage);
    await postsOwnClient(browser, consolePage);
    await byKeyboard(browser);
  }
  console.log("story: all checks passed");
} finally {
  await browser.close();
}
