// A site of its own, on an origin that the server does not know, with the source
// post's function on its page.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { token } from "./browser.mjs";

const tables = `http://${process.env.HTTP}/api/rest/v2/keyspaces/user_profile`;
const post = readFileSync(new URL("post.js", import.meta.url), "utf8")
  .replace("{users-url}", `${tables}/users`)
  .replace("{user-credentials-url}", `${tables}/user_credentials`)
  .replaceAll("your-cassandra-token", token);

const files = {
  "/": ["text/html", `<!doctype html><html lang="en"><title>Another site</title><link rel="icon" href="data:,">
    <script type="importmap">{ "imports": { "uuid": "/uuid.js" } }</script>
    <script type="module">import { createNewUser } from "/post.js"; window.createNewUser = createNewUser;</script>`],
  "/uuid.js": ["text/javascript", "export const v4 = () => crypto.randomUUID();"],
  "/post.js": ["text/javascript", post],
};

/** Serves the site on a free port: its address, and a way to end it. */
export async function serveSite() {
  const server = createServer((request, answer) => {
    const [type, text] = files[request.url] ?? ["text/plain", ""];
    answer.writeHead(text === "" ? 404 : 200, { "Content-Type": type }).end(text);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}
