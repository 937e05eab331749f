/** Quotes a text for a POSIX shell. */
export const shell = (s: string) => (/^[A-Za-z0-9_\/:.,=@%+-]+$/.test(s) ? s : `'${s.replaceAll("'", `'\\''`)}'`);

/** A call of the API as a curl command; the token is the shell's variable ASTRA_TOKEN. */
export function curl(origin: string, method: string, path: string, body?: string): string {
  const parts = ["curl -sS"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push('-H "X-Cassandra-Token: $ASTRA_TOKEN"');
  if (body !== undefined) parts.push("-H 'Content-Type: application/json'", `-d ${shell(body)}`);
  parts.push(shell(origin + path));
  return parts.join(" \\\n  ");
}
