// A real Chromium, and the small steps that the stories share. Pages are found
// by what a person or a screen reader finds: labels, roles and texts.
import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const app = `http://${process.env.APP}`;
export const consolePage = `http://${process.env.HTTP}/console/`;
export const token = process.env.TOKEN;
/** A small phone. */
export const phone = { viewport: { width: 360, height: 740 } };

/** How long a step may take in ms: much more than it does, for machines that are busy. */
const patience = 120000;

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, timeout: patience });
}

/** A page with cookies of its own; what its scripts throw fails the story. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", (error) => { throw error; });
  return page;
}

/** The input of a password; the button that shows it is labelled with the same word. */
export const secretField = (page, label) => page.getByRole("textbox", { name: label, exact: true });

export async function fillSignUp(page, { first, last, email, password }) {
  await page.getByLabel("First name").fill(first);
  await page.getByLabel("Last name").fill(last);
  await page.getByLabel("E-mail").fill(email);
  await secretField(page, "Password").fill(password);
}

export async function logIn(page, { email, password }) {
  await page.getByLabel("E-mail").fill(email);
  await secretField(page, "Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

export async function logOut(page) {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are logged out.").waitFor();
}

export async function openConsole(page) {
  await page.goto(consolePage);
  await secretField(page, "Application token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Run all" }).waitFor();
}

/** Puts statements in place of the editor's text. */
export async function write(page, text) {
  await page.getByLabel("CQL editor").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

/** Writes statements, runs them all and returns the text of their results. */
export async function run(page, text) {
  await write(page, text);
  return runAll(page);
}

/** Runs what the editor holds and returns the text of the results. */
export async function runAll(page) {
  await page.getByRole("button", { name: "Run all" }).click();
  return finished(page);
}

/** The text of the results, once a run has ended. */
export async function finished(page) {
  const results = page.getByRole("region", { name: "Results" });
  await results.and(page.locator("[aria-busy=false]")).waitFor();
  return results.innerText();
}

export function includes(text, ...parts) {
  for (const part of parts) assert.ok(text.includes(part), `${JSON.stringify(part)} is missing in:\n${text}`);
}

/** No serious or critical finding of axe, and nothing to scroll sideways. */
export async function accessible(page, where) {
  await page.evaluate(axe); // the pages' policy forbids a script tag
  const found = await page.evaluate(async () => (await window.axe.run()).violations.filter((v) => ["serious", "critical"].includes(v.impact)));
  const told = found.map((v) => `${v.id}: ${v.nodes[0].html} (${v.nodes[0].failureSummary})`);
  assert.deepEqual(told, [], `accessibility of ${where}`);
  const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= view, `${where} is ${wide} px wide in ${view}`);
}

/** Nothing that a script of the page can read holds the secret. */
export async function unreadable(page, secret) {
  const readable = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie + document.documentElement.innerHTML
    + [...document.querySelectorAll("input")].map((i) => i.value).join());
  assert.ok(!readable.includes(secret), "a script of the page can read the token");
}

/** The page's only cookie is one that scripts can't read and other sites can't send. */
export async function hiddenCookie(page, url) {
  const cookies = await page.context().cookies(url);
  assert.equal(cookies.length, 1, JSON.stringify(cookies.map((c) => c.name)));
  assert.equal(cookies[0].httpOnly, true, `${cookies[0].name} is HttpOnly`);
  assert.ok(["Strict", "Lax"].includes(cookies[0].sameSite), `${cookies[0].name} is SameSite`);
  assert.equal(await page.evaluate(() => document.cookie), "");
}
