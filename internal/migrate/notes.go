package migrate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// ErrSourceChanged is wrapped by what Run returns when the source was opened by
// a server since the migration began: what was written or deleted there since
// would be missed.
var ErrSourceChanged = errors.New("a server has used the data since this migration began; begin anew with --restart, which drops the tables that it made")

// ErrTableExists is wrapped by what Run returns when a table that it would make
// is on the target already.
var ErrTableExists = errors.New("exists on the cluster already, and was not made by this migration: drop it first")

// notesTable is where a migration notes on the target how far it is: one row a
// table, and one without names for the migration itself.
const notesTable = systemKeyspace + ".migrations"

const notesDefinition = `CREATE TABLE IF NOT EXISTS ` + notesTable + ` (source uuid, keyspace_name text, table_name text,
	fingerprint text, position blob, copied bigint, done boolean, PRIMARY KEY (source, keyspace_name, table_name))`

// notes are the notes of one source, as they are on the target.
type notes struct {
	run    *executor
	source uuid.UUID
	tables map[[2]string]note
}

// note says how far one table is.
type note struct {
	// position is the last partition that is done, nil for none.
	position []byte
	// copied is how many rows are done.
	copied int64
	done   bool
}

// begin makes or finds the notes of this migration.
func (m *migration) begin(ctx context.Context) error {
	if err := m.Prepare(ctx); err != nil {
		return err
	}
	m.state = &notes{run: newExecutor(m.Target, m.Patience), source: m.Source.ID(), tables: map[[2]string]note{}}
	if _, err := m.state.run.run(ctx, statement{text: notesDefinition}); err != nil {
		return err
	}
	fingerprint, err := m.state.load(ctx)
	if err != nil {
		return err
	}
	if m.Restart && fingerprint != "" {
		if err := m.state.forget(ctx); err != nil {
			return err
		}
		fingerprint = ""
	}
	if fingerprint != "" {
		if fingerprint != m.Source.Fingerprint() {
			return ErrSourceChanged
		}
		m.resumed = true
		return nil
	}
	target := m.Target.Schema()
	for _, t := range m.tables {
		if target.Table(t.Keyspace, t.Name) != nil {
			return fmt.Errorf("table %s %w", t, ErrTableExists)
		}
	}
	return m.state.start(ctx, m.Source.Fingerprint(), m.tables)
}

// load reads the notes; the fingerprint is "" when there are none.
func (n *notes) load(ctx context.Context) (fingerprint string, err error) {
	rows, err := n.run.run(ctx, statement{
		text:   "SELECT keyspace_name, table_name, fingerprint, position, copied, done FROM " + notesTable + " WHERE source = ?",
		values: [][]byte{n.source[:]},
	})
	if err != nil {
		return "", err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		table, print := [2]string{string(c.Next()), string(c.Next())}, c.Next()
		at := note{position: slices.Clone(c.Next()), copied: counterValue(c.Next())}
		done := c.Next()
		at.done = len(done) == 1 && done[0] != 0
		if table == [2]string{} {
			fingerprint = string(print)
			continue
		}
		n.tables[table] = at
	}
	return fingerprint, nil
}

// start notes the tables that are going to be made, and last the migration.
func (n *notes) start(ctx context.Context, fingerprint string, tables []*schema.Table) error {
	for _, t := range tables {
		if err := n.save(ctx, t, note{}); err != nil {
			return err
		}
	}
	return n.run.retry(ctx, func(int) error {
		_, err := n.run.run(ctx, statement{
			text:   "INSERT INTO " + notesTable + " (source, keyspace_name, table_name, fingerprint) VALUES (?, ?, ?, ?)",
			values: [][]byte{n.source[:], {}, {}, []byte(fingerprint)},
		})
		return err
	})
}

// forget drops the tables that were made, and the notes.
func (n *notes) forget(ctx context.Context) error {
	for name := range n.tables {
		if name[0] == systemKeyspace {
			continue // shared with the gateways
		}
		t := schema.Table{Keyspace: name[0], Name: name[1]}
		if _, err := n.run.run(ctx, statement{text: "DROP TABLE IF EXISTS " + t.String()}); err != nil {
			return err
		}
	}
	clear(n.tables)
	_, err := n.run.run(ctx, statement{text: "DELETE FROM " + notesTable + " WHERE source = ?", values: [][]byte{n.source[:]}})
	return err
}

func (n *notes) of(t *schema.Table) note { return n.tables[[2]string{t.Keyspace, t.Name}] }

// save replaces the note of a table.
func (n *notes) save(ctx context.Context, t *schema.Table, at note) error {
	done := byte(0)
	if at.done {
		done = 1
	}
	err := n.run.retry(ctx, func(int) error {
		_, err := n.run.run(ctx, statement{
			text: "INSERT INTO " + notesTable + " (source, keyspace_name, table_name, position, copied, done) VALUES (?, ?, ?, ?, ?, ?)",
			values: [][]byte{n.source[:], []byte(t.Keyspace), []byte(t.Name), at.position,
				binary.BigEndian.AppendUint64(nil, uint64(at.copied)), {done}},
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("noting the progress: %w", err)
	}
	n.tables[[2]string{t.Keyspace, t.Name}] = at
	return nil
}
