// endpoint is the path of an API beside the page, which is at <base>/playground/.
export function endpoint(page: string, kind: string, keyspace: string) {
  const base = page.replace(/\/playground(\/.*)?$/, "");
  switch (kind) {
    case "schema":
      return base + "/graphql-schema";
    case "admin":
      return base + "/graphql-admin";
    default:
      return base + "/graphql" + (keyspace ? "/" + encodeURIComponent(keyspace) : "");
  }
}

// fetcherOf returns what GraphiQL asks the server with.
export function fetcherOf(url: string, token: string) {
  return async (request: unknown) => {
    if (!token) {
      return { errors: [{ message: "Enter a token above, then read the schema again." }] };
    }
    const answer = await fetch(url, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", "X-Cassandra-Token": token },
      body: JSON.stringify(request),
    });
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `HTTP ${answer.status}: ${text.slice(0, 500)}` }] };
    }
  };
}
