/** The console's API (internal/gateway/console): JSON over fetch, the session in an HttpOnly cookie. */

export interface SessionInfo {
  clientId: string;
  role: string;
  database: { id: string; name: string; region: string };
}

export interface ResultColumn {
  name: string;
  type: string;
  kind?: string;
}

export interface Answer {
  kind: "rows" | "void" | "use" | "schema";
  columns?: ResultColumn[];
  /** Cells as cqlsh shows them; null is null. */
  rows?: (string | null)[][];
  /** The same rows as SELECT JSON writes them: exact. */
  json?: string[];
  pageState?: string;
  keyspace?: string;
  warnings?: string[];
  /** Milliseconds on the server. */
  elapsed: number;
}

export interface SchemaColumn { name: string; type: string; kind: string }
export interface SchemaTable { name: string; columns: SchemaColumn[]; indexes: { name: string; target: string }[] }
export interface SchemaKeyspace { name: string; system: boolean; tables: SchemaTable[]; types: { name: string; fields: SchemaColumn[] }[] }
export interface Schema { version: string; keyspaces: SchemaKeyspace[] }

export interface QueryRequest {
  statement: string;
  keyspace: string;
  consistency: string;
  pageSize: number;
  pageState?: string;
}

/** Where the ports that are not HTTP's are, under the name by which the browser reached the server. */
export interface Ports { host: string; cqlPort: number; grpcPort: number; tls: boolean }

export class ApiError extends Error {
  readonly status: number;
  /** CQL error code, when a statement failed. */
  readonly code?: number;

  constructor(status: number, message: string, code?: number) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** One call; an error is an ApiError with the server's own words. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/console/api/${path}`, {
      method, signal, credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw new ApiError(0, "Cancelled.");
    throw new ApiError(0, "The server can't be reached.");
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  let problem: { message?: string; code?: number; errors?: { message: string }[] } = {}; // errors: the DevOps API's form
  try {
    problem = (await answer.json()) as typeof problem;
  } catch {
    // not JSON: the status must do
  }
  throw new ApiError(answer.status, problem.message ?? problem.errors?.[0]?.message ?? `The server answered ${answer.status}.`, problem.code);
}

export const api = {
  logIn: (token: string) => call<SessionInfo>("POST", "session", { token }),
  session: () => call<SessionInfo>("GET", "session"),
  logOut: () => call<void>("DELETE", "session"),
  connection: () => call<Ports>("GET", "connection"),
  schema: () => call<Schema>("GET", "schema"),
  query: (request: QueryRequest, signal?: AbortSignal) => call<Answer>("POST", "query", request, signal),
};
