import { callApi, callJson } from "../apicall";
import { ApiError } from "../api";

/** A document as the list shows it: what it is called, and the names of its fields. */
export interface Listed { id: string; fields: string }

export interface DocumentPage { documents: Listed[]; pageState?: string }

const at = (...parts: string[]) => parts.map(encodeURIComponent).join("/");
const collectionPath = (namespace: string, collection: string) => `/v2/namespaces/${at(namespace)}/collections/${at(collection)}`;

export async function namespaces(): Promise<string[]> {
  const answer = await callJson<{ data: { name: string }[] }>("GET", "/v2/schemas/namespaces");
  return answer.data.map((n) => n.name).filter((n) => !n.startsWith("system") && n !== "data_endpoint_auth").sort();
}

export async function collections(namespace: string): Promise<string[]> {
  const answer = await callJson<{ data: { name: string }[] }>("GET", `/v2/namespaces/${at(namespace)}/collections`);
  return answer.data.map((c) => c.name).sort();
}

export const makeCollection = (namespace: string, name: string) => callJson<void>("POST", `/v2/namespaces/${at(namespace)}/collections`, { name });

/** One page of the documents that where, a JSON object or "", finds. */
export async function search(namespace: string, collection: string, where: string, pageState?: string): Promise<DocumentPage> {
  const parameters = new URLSearchParams({ "page-size": "20" });
  if (where !== "") parameters.set("where", where);
  if (pageState !== undefined) parameters.set("page-state", pageState);
  const answer = await callJson<{ data: Record<string, unknown>; pageState?: string }>("GET", `${collectionPath(namespace, collection)}?${parameters}`);
  return { documents: Object.entries(answer.data).map(([id, d]) => ({ id, fields: fieldsOf(d) })), pageState: answer.pageState ?? undefined };
}

function fieldsOf(document: unknown): string {
  if (Array.isArray(document)) return `${document.length} elements`;
  return document !== null && typeof document === "object" ? Object.keys(document).join(", ") : "";
}

/** A document's JSON as it is stored: numbers keep all their digits, so it is never read here. */
export async function read(namespace: string, collection: string, id: string): Promise<string> {
  return text("GET", `${collectionPath(namespace, collection)}/${at(id)}?raw=true`);
}

/** Stores a document; without an id it is a new one. The id is returned. */
export async function write(namespace: string, collection: string, id: string | undefined, json: string): Promise<string> {
  const path = collectionPath(namespace, collection) + (id === undefined ? "" : `/${at(id)}`);
  return (JSON.parse(await text(id === undefined ? "POST" : "PUT", path, json)) as { documentId: string }).documentId;
}

export const remove = (namespace: string, collection: string, id: string) => text("DELETE", `${collectionPath(namespace, collection)}/${at(id)}`);

async function text(method: string, path: string, body?: string): Promise<string> {
  const answer = await callApi(method, path, body);
  if (answer.status < 400) return answer.text;
  let said: string | undefined;
  try {
    const problem = JSON.parse(answer.text) as { description?: string; message?: string };
    said = problem.description ?? problem.message;
  } catch {
    // not JSON: the status must do
  }
  throw new ApiError(answer.status, said ?? `The server answered ${answer.status}.`);
}
