// The page of the APIs' OpenAPI documents, as a person uses it: paste a token,
// open an operation, send it, read the answer. The page may load nothing from
// elsewhere, and no script or style may be blocked.
import assert from "node:assert/strict";
import { launch, open, token } from "./browser.mjs";

const site = `http://${process.env.HTTP}`;
const browser = await launch();
try {
  const page = await open(browser);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => {
    if (!request.url().startsWith(site) && !request.url().startsWith("data:")) complaints.push(`it asked ${request.url()}`);
  });
  await page.goto(`${site}/swagger-ui`);
  const operation = page.locator("#operations-schemas-listKeyspaces");
  await operation.locator(".opblock-summary").click();

  await operation.locator(".execute").click();
  await operation.getByText("Missing token, expecting one").first().waitFor();
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes("401")));

  await page.getByLabel("Application token").fill(token);
  await page.getByRole("button", { name: "Use", exact: true }).click();
  await operation.locator(".execute").click();
  await operation.locator(".live-responses-table").getByText("system_schema").first().waitFor();
  assert.deepEqual(complaints, []);
  console.log("apidocs: all checks passed");
} finally {
  await browser.close();
}
