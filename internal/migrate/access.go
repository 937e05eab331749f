package migrate

import (
	"context"
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
	tables := []string{"roles", "tokens"}
	if own.RowCount == 0 {
		tables = append(tables, "databases")
	}
	for _, name := range tables {
		if t := m.Source.Schema().Table(systemKeyspace, name); t != nil {
			if err := m.copyRows(ctx, run, t); err != nil {
				return err
			}
		}
	}
	if m.Finish == nil {
		return nil
	}
	return m.Finish(ctx)
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
