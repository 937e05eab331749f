import { Alert, Button, Center, Loader } from "@mantine/core";
import { useEffect } from "react";
import { ApiError } from "./api";

export function Loading({ what }: { what: string }) {
  return <Center p="xl"><Loader aria-label={`Loading ${what}`} /></Center>;
}

/** Why something can't be shown; the end of the session leads to the log-in page. */
export function Failed({ error, onRetry, onEnd }: { error: Error; onRetry?: () => void; onEnd: (notice: string) => void }) {
  const ended = error instanceof ApiError && error.status === 401;
  useEffect(() => {
    if (ended) onEnd("Your session has ended. Please log in again.");
  }, [ended, onEnd]);
  if (ended) return null;
  const forbidden = error instanceof ApiError && error.status === 403;
  return (
    <Alert role="alert" color={forbidden ? "gray" : "red"} variant="light" title={forbidden ? "Your role does not allow this" : "That did not work"}>
      {error.message}
      {onRetry && !forbidden && <> <Button size="compact-sm" variant="default" onClick={onRetry}>Try again</Button></>}
    </Alert>
  );
}
