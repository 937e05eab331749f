import { Badge, Box, Button, Group, Text } from "@mantine/core";
import { useEffect, useState, type MouseEvent } from "react";
import { api, type SessionInfo } from "./api";
import { Logo } from "./Logo";
import { pages, type Page } from "./pages";

const base = "/console/";

function pageOf(location: string): Page {
  const path = location.slice(base.length).split("/")[0];
  return pages.find((p) => p.path === path) ?? pages[0];
}

interface Props {
  session: SessionInfo;
  onEnd: (notice?: string) => void;
}

/** The header with the pages' tabs, and the page. */
export function Frame({ session, onEnd }: Props) {
  const [page, setPage] = useState(() => pageOf(window.location.pathname));
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const moved = () => setPage(pageOf(window.location.pathname));
    window.addEventListener("popstate", moved);
    return () => window.removeEventListener("popstate", moved);
  }, []);

  function go(event: MouseEvent, to: Page) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of the browser's own
    event.preventDefault();
    window.history.pushState(null, "", base + to.path);
    setPage(to);
  }

  async function logOut() {
    try {
      await api.logOut();
      onEnd("You are logged out.");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  const shown = (p: Page) => p === page;
  return (
    <div className="frame">
      <Group component="header" className="frame-header" justify="space-between" gap="xs">
        <Group gap="xs" wrap="nowrap">
          <Logo /><Text component="h1" fw={700} size="lg">Astrolabe</Text>
          <Badge visibleFrom="sm" variant="light" tt="none" title={session.database.id}>{session.database.name} · {session.database.region}</Badge>
        </Group>
        <Group gap="xs" wrap="nowrap">
          {problem !== undefined && <Text size="sm" c="red" role="alert">{problem}</Text>}
          <Text visibleFrom="md" size="sm" c="dimmed">{session.role}</Text>
          <Button variant="default" size="compact-sm" onClick={() => void logOut()}>Log out</Button>
        </Group>
        <nav className="frame-nav" aria-label="Pages">
          {pages.map((p) => (
            <a key={p.path} href={base + p.path} className="frame-tab" aria-current={shown(p) ? "page" : undefined} onClick={(e) => go(e, p)}>{p.label}</a>
          ))}
        </nav>
      </Group>
      {pages.filter((p) => p.keep || shown(p)).map((p) => (
        <Box key={p.path} className="frame-page" style={shown(p) ? undefined : { display: "none" }}>{p.render({ session, onEnd })}</Box>
      ))}
    </div>
  );
}
