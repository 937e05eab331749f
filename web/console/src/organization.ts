/** Tokens, roles and users: the DevOps API, which the console's session reaches with its own rights. */
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

/** A user logs in with a name and a password; one without a password is invited. */
export interface User {
  userID: string;
  /** The name. */
  email: string;
  status: "active" | "invited";
  roles: Role[];
}

/** A new user; password "" for one that gets it later. */
export interface NewUser { email: string; roles: string[]; password: string }

export const organization = {
  id: () => call<{ id: string }>("GET", "v2/currentOrg").then((o) => o.id),
  tokens: () => call<{ clients: Token[] }>("GET", "v2/clientIdSecrets").then((answer) => answer.clients),
  makeToken: (token: NewToken) => call<Secret>("POST", "v2/clientIdSecrets", token),
  revokeToken: (clientId: string) => call<void>("DELETE", `v2/clientIdSecrets/${encodeURIComponent(clientId)}`),
  roles: () => call<Role[]>("GET", "v2/organizations/roles"),
  makeRole: (name: string, policy: Policy) => call<Role>("POST", "v2/organizations/roles", { name, policy }),
  changeRole: (id: string, name: string, policy: Policy) => call<Role>("PUT", `v2/organizations/roles/${encodeURIComponent(id)}`, { name, policy }),
  deleteRole: (id: string) => call<void>("DELETE", `v2/organizations/roles/${encodeURIComponent(id)}`),
  users: () => call<{ users: User[] }>("GET", "v2/organizations/users").then((answer) => answer.users),
  makeUser: (user: NewUser) => call<User>("PUT", "v2/organizations/users", user),
  setUserRoles: (id: string, roles: string[]) => call<void>("PUT", `v2/organizations/users/${encodeURIComponent(id)}/roles`, { roles }),
  setPassword: (id: string, password: string) => call<void>("PUT", `v2/organizations/users/${encodeURIComponent(id)}/password`, { password }),
  deleteUser: (id: string) => call<void>("DELETE", `v2/organizations/users/${encodeURIComponent(id)}`),
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

/** What a role reaches, as people write it: "*", "keyspace.*" or "keyspace.table". */
export const scopePattern = /^(\*|\w{1,48}\.(\*|\w{1,222}))$/;

/** The resources of scopes: those of keyspaces have their tables' beside them, for actions on either. */
export function resourcesOf(organizationId: string, scopes: string[]): string[] {
  return scopes.flatMap((scope) => {
    const [keyspace, table = "*"] = scope.split(".");
    const drn = `drn:astra:org:${organizationId}:db:*:keyspace:${keyspace}`;
    return table === "*" ? [drn, `${drn}:table:*`] : [`${drn}:table:${table}`];
  });
}

/** The scopes of resources, and the resources that are none. */
export function scopesOf(resources: string[]): { scopes: string[]; others: string[] } {
  const keyspaces = new Map<string, string>(); // the resource of a keyspace alone, until its tables' is met
  const scopes: string[] = [], others: string[] = [];
  for (const drn of resources) {
    const [, keyspace, , table] = /:keyspace:([^:]+)(:table:([^:]+))?$/.exec(drn) ?? [];
    if (keyspace === undefined) others.push(drn);
    else if (table === undefined) keyspaces.set(keyspace, drn);
    else scopes.push(keyspace === "*" ? "*" : `${keyspace}.${table}`);
  }
  for (const [keyspace, drn] of keyspaces) {
    if (!scopes.includes(keyspace === "*" ? "*" : `${keyspace}.*`)) others.push(drn);
  }
  return { scopes, others };
}

/** Actions by what they are about, in the order of the model's own list. */
export function groupsOf(actions: string[]): { label: string; actions: string[] }[] {
  const groups = [
    { label: "APIs", of: /^db-(cql|rest|graphql)$/ },
    { label: "Keyspaces", of: /^db-(all-)?keyspace-/ },
    { label: "Tables", of: /^db-table-/ },
    { label: "Organization", of: /./ },
  ];
  const found = groups.map((g) => ({ label: g.label, actions: [] as string[] }));
  for (const action of actions) found[groups.findIndex((g) => g.of.test(action))].actions.push(action);
  return found.filter((g) => g.actions.length > 0);
}

/** A password that nobody guesses: 24 characters of 64, 144 random bits. */
export function randomPassword(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => letters[byte % letters.length]).join("");
}

/** A time as people read it; "" for none. */
export function timeText(time: string | undefined): string {
  return time === undefined || time === "" ? "" : new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
