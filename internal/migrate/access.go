package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// copyAccess copies organizations, databases, roles and application tokens,
// last, so that nobody is let in before the data is there. A cluster whose
// gateways have made a database of their own keeps it: it gets the roles and
// the tokens only.
func (m *migration) copyAccess(ctx context.Context) error {
	run := newExecutor(m.Target, m.Patience)
	var own *backend.Result
	err := run.retry(ctx, func(int) (err error) {
		own, err = run.run(ctx, statement{text: "SELECT id FROM " + systemKeyspace + ".databases"})
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range accessTables(m.Source.Schema(), own.RowCount == 0) {
		if err := m.copyRows(ctx, run, t); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	if m.Finish == nil {
		return nil
	}
	return m.Finish(ctx)
}

// accessTables are the tables of access control, that of databases last and only
// when it is wanted. What else there is belongs to one server or cluster.
func accessTables(s *schema.Snapshot, databases bool) []*schema.Table {
	names := []string{"roles", "role_permissions", "identities", "token_life", "tokens"}
	if databases {
		names = append(names, "databases")
	}
	var all []*schema.Table
	for _, name := range names {
		if t := s.Table(systemKeyspace, name); t != nil {
			all = append(all, t)
		}
	}
	return all
}

// copyRows copies a small table whole, each time anew.
func (m *migration) copyRows(ctx context.Context, run *executor, t *schema.Table) error {
	w := newRowWriter(t)
	w.noClock = m.NoClock
	now := time.Now().Unix()
	for r, err := range m.Source.Rows(ctx, t, backend.StoredRange{Now: now}) {
		if err != nil {
			return err
		}
		for _, s := range w.statements(r, now) {
			if err := run.retry(ctx, func(int) error { _, err := run.run(ctx, s); return err }); err != nil {
				return err
			}
		}
	}
	return nil
}
