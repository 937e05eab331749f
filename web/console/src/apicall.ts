import { ApiError } from "./api";

/** What an HTTP API answered to a call that was made with the session's rights. */
export interface ApiAnswer {
  status: number;
  /** The body as it came. */
  text: string;
  /** Milliseconds until all of it was here. */
  took: number;
}

/** Where a page of the console calls the API that others find at path. */
export const callPath = (path: string) => `/console/api/call${path}`;

/** Calls an HTTP API through the console, which adds the session's token. The answer may be an error of the API's. */
export async function callApi(method: string, path: string, body?: string, signal?: AbortSignal): Promise<ApiAnswer> {
  const began = performance.now();
  try {
    const answer = await fetch(callPath(path), {
      method, signal, credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body,
    });
    return { status: answer.status, text: await answer.text(), took: performance.now() - began };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw new ApiError(0, "Cancelled.");
    throw new ApiError(0, "The server can't be reached.");
  }
}

/** The same for JSON: the parsed answer, or an ApiError with the API's own words. */
export async function callJson<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const answer = await callApi(method, path, body === undefined ? undefined : JSON.stringify(body), signal);
  if (answer.status >= 400) throw new ApiError(answer.status, described(answer));
  return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
}

function described(answer: ApiAnswer): string {
  try {
    const body = JSON.parse(answer.text) as { description?: string; message?: string };
    return body.description ?? body.message ?? answer.text;
  } catch {
    return answer.text || `The server answered ${answer.status}.`;
  }
}

/** JSON as people read it; other text as it is. Numbers keep their digits: the text is laid out, not read. */
export function pretty(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = "", depth = 0, inString = false;
  const line = () => "\n" + "  ".repeat(depth);
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inString) {
      out += c;
      if (c === "\\") out += text[++i] ?? "";
      else if (c === '"') inString = false;
    } else if (c === '"') {
      inString = true;
      out += c;
    } else if (c === "{" || c === "[") {
      const rest = text.slice(i + 1).match(/^\s*[}\]]/);
      if (rest) {
        out += c + rest[0].trim();
        i += rest[0].length;
      } else {
        depth++;
        out += c + line();
      }
    } else if (c === "}" || c === "]") {
      depth--;
      out += line() + c;
    } else if (c === ",") out += c + line();
    else if (c === ":") out += ": ";
    else if (!/\s/.test(c)) out += c;
  }
  return out;
}
