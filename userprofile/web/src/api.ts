/** The app's own API: JSON over fetch, the session in an HttpOnly cookie that scripts never see. */

export interface User {
  userid: string;
  firstname: string;
  lastname: string;
  email: string;
  created_date: string;
}

/** What the server says is wrong: a message for the whole form, and one for each field. */
export class Problem extends Error {
  readonly status: number;
  readonly fields: Record<string, string>;
  /** Seconds to wait before the next try, when the server said so. */
  readonly retryAfter?: number;

  constructor(status: number, message: string, fields: Record<string, string> = {}, retryAfter?: number) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new Problem(0, "The server can't be reached. Check your connection and try again.");
  }
  if (answer.ok) {
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  const wait = Number(answer.headers.get("Retry-After")) || undefined;
  try {
    const body = (await answer.json()) as { message?: string; fields?: Record<string, string> };
    return new Problem(answer.status, body.message ?? "Something went wrong.", body.fields, wait);
  } catch {
    return new Problem(answer.status, "Something went wrong. Please try again.", {}, wait);
  }
}

export interface SignUpForm {
  /** Chosen by the client once per form, so that sending it again makes no second account. */
  userid: string;
  firstname: string;
  lastname: string;
  email: string;
  password: string;
}

export const api = {
  signUp: (form: SignUpForm) => call<User>("POST", "/api/signup", form),
  logIn: (form: { email: string; password: string }) => call<User>("POST", "/api/login", form),
  logOut: () => call<void>("POST", "/api/logout"),
  profile: () => call<User>("GET", "/api/profile"),
  edit: (form: { firstname: string; lastname: string }) => call<User>("PATCH", "/api/profile", form),
  changeEmail: (form: { email: string; password: string }) => call<User>("POST", "/api/email", form),
  changePassword: (form: { current: string; password: string }) => call<void>("POST", "/api/password", form),
  remove: (form: { password: string }) => call<void>("POST", "/api/delete", form),
};
