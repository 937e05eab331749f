const key = "astrolabe.history";
/** How many statements, and how long ones, are kept. */
const most = 200;
const longest = 10_000;

/** The statements run before, newest first. */
export function readHistory(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter((x): x is string => typeof x === "string") : [];
  } catch {
    return []; // no storage, or not ours
  }
}

/** Words that tell a statement which may hold a secret: it is not kept. */
const secret = /\bpassword\b|AstraCS:/i;

export function addHistory(statement: string): string[] {
  const list = readHistory();
  if (statement.length > longest || (secret.test(statement) && !/^\s*select\b/i.test(statement)) || statement.includes("AstraCS:")) return list;
  const next = [statement, ...list.filter((x) => x !== statement)].slice(0, most);
  try {
    localStorage.setItem(key, JSON.stringify(next));
  } catch {
    // no room or no storage: the history is a convenience
  }
  return next;
}

export function clearHistory(): string[] {
  localStorage.removeItem(key);
  return [];
}
