/** The settings that cqlsh's own commands change. */
export interface Settings {
  keyspace: string;
  consistency: string;
  expand: boolean;
  paging: boolean;
  pageSize: number;
}

export const initialSettings: Settings = { keyspace: "", consistency: "LOCAL_QUORUM", expand: false, paging: true, pageSize: 100 };

/** Rows asked for at once when paging is off: the server's largest page. */
export const largestPage = 5000;

const levels = ["ANY", "ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL", "LOCAL_ONE"];

export interface ShellResult { settings: Settings; message: string; failed?: boolean }

/** Runs CONSISTENCY, EXPAND or PAGING; undefined for anything else, which is the server's. */
export function shellCommand(text: string, settings: Settings): ShellResult | undefined {
  const [command, argument = "", ...rest] = text.trim().replace(/;$/, "").trim().toUpperCase().split(/\s+/);
  if (rest.length > 0) return undefined;
  switch (command) {
    case "CONSISTENCY": return consistency(argument, settings);
    case "EXPAND": return expand(argument, settings);
    case "PAGING": return paging(argument, settings);
    default: return undefined;
  }
}

function consistency(argument: string, settings: Settings): ShellResult {
  if (argument === "") return { settings, message: `Current consistency level is ${settings.consistency}.` };
  if (!levels.includes(argument)) return { settings, message: `There is no consistency level ${argument}.`, failed: true };
  return { settings: { ...settings, consistency: argument }, message: `Consistency level set to ${argument}.` };
}

function expand(argument: string, settings: Settings): ShellResult {
  if (argument !== "" && argument !== "ON" && argument !== "OFF") return { settings, message: "EXPAND takes ON or OFF.", failed: true };
  const on = argument === "" ? settings.expand : argument === "ON";
  return { settings: { ...settings, expand: on }, message: `Expanded output is ${on ? "enabled" : "disabled"}.` };
}

function paging(argument: string, settings: Settings): ShellResult {
  const size = Number(argument);
  if (argument === "ON" || argument === "OFF") {
    return { settings: { ...settings, paging: argument === "ON" }, message: `Query paging is ${argument === "ON" ? "enabled" : "disabled"}.` };
  }
  if (argument === "") return { settings, message: settings.paging ? `Query paging is on, page size ${settings.pageSize}.` : "Query paging is off." };
  if (!Number.isInteger(size) || size < 1 || size > largestPage) {
    return { settings, message: `PAGING takes ON, OFF or a page size from 1 to ${largestPage}.`, failed: true };
  }
  return { settings: { ...settings, paging: true, pageSize: size }, message: `Page size: ${size}.` };
}
