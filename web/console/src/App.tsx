import { Center, Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import { api, ApiError, type SessionInfo } from "./api";
import { Frame } from "./Frame";
import { LogIn } from "./LogIn";

/** The console asks for a session first; without one it asks for a token. */
export function App() {
  const [session, setSession] = useState<SessionInfo | null>();
  const [notice, setNotice] = useState<string>();
  useEffect(() => {
    api.session().then(setSession, (error: unknown) => {
      setSession(null);
      if (!(error instanceof ApiError) || error.status !== 401) setNotice(error instanceof Error ? error.message : String(error));
    });
  }, []);
  if (session === undefined) return <Center mih="100dvh"><Loader aria-label="Loading" /></Center>;
  if (session === null) return <LogIn notice={notice} onDone={(s) => { setNotice(undefined); setSession(s); }} />;
  return <Frame session={session} onEnd={(n) => { setNotice(n); setSession(null); }} />;
}
