/** Tokens and roles: the DevOps API, which the console's session reaches with its own rights. */
import { call } from "./api";

export interface Token {
  clientId: string;
  roles: string[];
  generatedOn: string;
  description: string;
  tokenExpiry?: string;
  lastUsedOn?: string;
}

export interface NewToken { roles: string[]; description: string; tokenExpiry?: string }

/** What a token is, told once. */
export interface Secret { clientId: string; secret: string; token: string; tokenExpiry?: string }

export interface Policy { description: string; resources: string[]; actions: string[]; effect: "allow" }

export interface Role {
  id: string;
  name: string;
  kind: "built-in" | "custom" | "cql";
  policy: Policy;
}

export const organization = {
  id: () => call<{ id: string }>("GET", "v2/currentOrg").then((o) => o.id),
  tokens: () => call<{ clients: Token[] }>("GET", "v2/clientIdSecrets").then((answer) => answer.clients),
  makeToken: (token: NewToken) => call<Secret>("POST", "v2/clientIdSecrets", token),
  revokeToken: (clientId: string) => call<void>("DELETE", `v2/clientIdSecrets/${encodeURIComponent(clientId)}`),
  roles: () => call<Role[]>("GET", "v2/organizations/roles"),
  makeRole: (name: string, policy: Policy) => call<Role>("POST", "v2/organizations/roles", { name, policy }),
  deleteRole: (id: string) => call<void>("DELETE", `v2/organizations/roles/${encodeURIComponent(id)}`),
};

/** The name of a resource as it is shown: the part behind the database. */
export function resourceName(drn: string): string {
  const [, keyspace] = /:keyspace:([^:]+)/.exec(drn) ?? [];
  const [, table] = /:table:([^:]+)/.exec(drn) ?? [];
  if (keyspace === undefined) return drn.includes(":db:") ? "the database" : "the organization";
  if (table === undefined) return keyspace === "*" ? "every keyspace" : `keyspace ${keyspace}`;
  if (keyspace === "*") return "every table";
  return table === "*" ? `every table of ${keyspace}` : `${keyspace}.${table}`;
}

/** What people grant together, and the actions that it is. */
export const grants = [
  { label: "Use CQL", actions: ["db-cql"] },
  { label: "Use REST and Documents", actions: ["db-rest"] },
  { label: "Use GraphQL", actions: ["db-graphql"] },
  { label: "Read rows", actions: ["db-table-select", "db-table-describe", "db-keyspace-describe"] },
  { label: "Write rows", actions: ["db-table-modify"] },
  { label: "Make, change and drop tables", actions: ["db-table-create", "db-table-alter", "db-table-drop"] },
];

/** The policy of what is granted on a keyspace ("*" for each) and table ("" for all). */
export function policyOf(organizationId: string, keyspace: string, table: string, actions: string[], description: string): Policy {
  const inKeyspace = `drn:astra:org:${organizationId}:db:*:keyspace:${keyspace}`;
  return { description, effect: "allow", actions, resources: table === "" ? [inKeyspace, `${inKeyspace}:table:*`] : [`${inKeyspace}:table:${table}`] };
}

/** A time as people read it; "" for none. */
export function timeText(time: string | undefined): string {
  return time === undefined || time === "" ? "" : new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
