import { useEffect, useRef, useState, type FormEvent } from "react";
import { Problem } from "./api";

export interface FormState<V> {
  values: V;
  fields: Record<string, string>;
  /** Message for the whole form, when no field is to blame. */
  message?: string;
  busy: boolean;
  done: boolean;
  bind: (name: keyof V & string) => {
    name: string;
    value: string;
    error?: string;
    "aria-invalid": boolean;
    disabled: boolean;
    onChange: (event: { currentTarget: { value: string } }) => void;
  };
  submit: (event: FormEvent<HTMLFormElement>) => void;
  reset: () => void;
}

/** One form: its values, what is wrong with them, and one request at a time. */
export function useForm<V extends object>(initial: V, send: (values: V) => Promise<void>): FormState<V> {
  const [values, setValues] = useState(initial);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const sending = useRef(false);
  const refused = useRef<HTMLFormElement>(null);

  // Fields are disabled while a request runs and take the focus only once React has enabled them again.
  useEffect(() => {
    if (!busy && refused.current !== null) {
      focusFirst(refused.current, fields);
      refused.current = null;
    }
  }, [busy, fields]);

  const bind: FormState<V>["bind"] = (name) => ({
    name,
    value: String(values[name]),
    error: fields[name],
    "aria-invalid": fields[name] !== undefined,
    disabled: busy,
    onChange: (event) => {
      const value = event.currentTarget.value;
      setValues((v) => ({ ...v, [name]: value }));
      setFields(({ [name]: _fixed, ...rest }) => rest);
      setDone(false);
    },
  });

  async function run(form: HTMLFormElement) {
    setBusy(true);
    setMessage(undefined);
    setFields({});
    setDone(false);
    try {
      await send(values);
      setDone(true);
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, "Something went wrong. Please try again.");
      setFields(problem.fields);
      setMessage(waitText(problem));
      refused.current = form;
    } finally {
      sending.current = false;
      setBusy(false);
    }
  }

  return {
    values, fields, message, busy, done, bind,
    submit: (event) => {
      event.preventDefault();
      if (sending.current) {
        return; // a second click
      }
      sending.current = true;
      void run(event.currentTarget);
    },
    reset: () => {
      setValues(initial);
      setFields({});
      setMessage(undefined);
    },
  };
}

function waitText(problem: Problem): string {
  if (problem.retryAfter === undefined) {
    return problem.message;
  }
  const minutes = Math.ceil(problem.retryAfter / 60);
  return `Too many failed attempts. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
}

/** Puts the focus on the first field that is wrong. */
function focusFirst(form: HTMLFormElement, fields: Record<string, string>) {
  const wrong = Array.from(form.elements).find((e) => e instanceof HTMLInputElement && e.name in fields);
  (wrong as HTMLInputElement | undefined)?.focus();
}
