// A real Chromium, and the small steps that the stories share.
import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const app = `http://${process.env.APP}`;
export const consolePage = `http://${process.env.HTTP}/console/`;
export const token = process.env.TOKEN;
export const password = "correct horse battery";

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
}

/** A page that fails the story when a script of it throws. */
export async function open(browser, options = {}) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })).newPage();
  page.setDefaultTimeout(15000);
  page.on("pageerror", (error) => { throw error; });
  return page;
}

export async function fillSignUp(page, { first, last, email }) {
  await page.getByLabel("First name").fill(first);
  await page.getByLabel("Last name").fill(last);
  await page.getByLabel("E-mail").fill(email);
  await page.locator("input[name=password]").fill(password);
}

export async function logIn(page, email, secret = password) {
  await page.getByLabel("E-mail").fill(email);
  await page.locator("input[name=password]").fill(secret);
  await page.getByRole("button", { name: "Log in" }).click();
}

export async function openConsole(page) {
  await page.goto(consolePage);
  await page.getByLabel("Application token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Run all" }).waitFor();
}

/** Types statements into the editor, runs them all and returns the text of the results. */
export async function run(page, text) {
  await page.getByLabel("CQL editor").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
  await page.getByRole("button", { name: "Run all" }).click();
  const results = page.getByRole("region", { name: "Results" });
  await page.waitForFunction(() => document.querySelector(".cql-results[aria-busy=false] article"));
  return results.innerText();
}

/** No serious or critical finding of axe, and nothing to scroll sideways. */
export async function accessible(page, where) {
  await page.evaluate(readFileSync(axe, "utf8")); // the pages' policy forbids a script tag
  const found = await page.evaluate(async () => (await window.axe.run()).violations.filter((v) => ["serious", "critical"].includes(v.impact)));
  assert.deepEqual(found.map((v) => `${v.id}: ${v.nodes[0].html}`), [], `accessibility of ${where}`);
  const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= view, `${where} is ${wide} px wide in ${view}`);
}
