package engine

import (
	"context"
	"errors"
	"iter"
	"log/slog"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Source is a data directory opened for reading alone. It implements
// backend.Source. What an unclean end left in the log is read, not repaired.
type Source struct {
	store       *store.Store
	catalog     *ddl.Catalog
	id          uuid.UUID
	fingerprint string
}

var _ backend.Source = (*Source)(nil)

// OpenSource opens the data in dir, which it leaves as it is. It returns
// ErrLocked when a server holds it.
func OpenSource(dir string, log *slog.Logger) (*Source, error) {
	s := &Source{}
	var err error
	if s.store, err = store.Open(store.Options{Dir: dir, ReadOnly: true, Logger: log}); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	return s, nil
}

func (s *Source) load() error {
	builtin, err := system.Keyspaces()
	if err != nil {
		return err
	}
	if s.catalog, err = ddl.Open(context.Background(), s.store, ddl.Options{Builtin: builtin, ReadOnly: true}); err != nil {
		return err
	}
	if s.id, err = system.HostID(s.store); err != nil {
		return err
	}
	s.fingerprint, err = s.store.Fingerprint()
	return err
}

// ID implements backend.Source: it is the host id of the server's node.
func (s *Source) ID() uuid.UUID { return s.id }

// Fingerprint implements backend.Source.
func (s *Source) Fingerprint() string { return s.fingerprint }

// Schema implements backend.Source.
func (s *Source) Schema() *schema.Snapshot { return s.catalog.Snapshot() }

// Close implements backend.Source.
func (s *Source) Close() error { return s.store.Close() }

// Rows implements backend.Source.
func (s *Source) Rows(ctx context.Context, t *schema.Table, o backend.StoredRange) iter.Seq2[*backend.StoredRow, error] {
	return func(yield func(*backend.StoredRow, error) bool) {
		r := s.store.NewReader()
		it := r.Scan(s.catalog.Layout(t), scanOf(o))
		w := newStoredWalk(t, it)
		stopped := w.walk(ctx, yield)
		err := errors.Join(w.err, it.Close(), r.Close())
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// scanOf is the store's form of a range.
func scanOf(o backend.StoredRange) *store.Scan {
	sc := &store.Scan{Now: o.Now, Tokens: store.TokenRange{Start: o.First, End: o.Last, StartInclusive: true, EndInclusive: true}}
	if o.After != nil {
		sc.Resume = &store.Position{Partition: o.After, PartitionDone: true}
	}
	if o.Partition != nil {
		sc.Partitions = [][]byte{o.Partition}
	}
	return sc
}

// storedWalk turns what a store iterator reads into rows of the schema.
type storedWalk struct {
	it      *store.Iter
	columns map[uint32]*schema.Column // by storage number
	row     backend.StoredRow
	paths   []byte
	err     error
}

func newStoredWalk(t *schema.Table, it *store.Iter) *storedWalk {
	w := &storedWalk{it: it, columns: make(map[uint32]*schema.Column, len(t.Columns))}
	for _, c := range t.Columns {
		if c.Storage != 0 {
			w.columns[c.Storage] = c
		}
	}
	return w
}

// walk yields the rows; true when yield wants no more.
func (w *storedWalk) walk(ctx context.Context, yield func(*backend.StoredRow, error) bool) (stopped bool) {
	for w.it.NextPartition() {
		if static := w.it.Static(); static != nil && w.load(static, true) && !yield(&w.row, nil) {
			return true
		}
		for w.err == nil && w.it.NextRow() {
			if w.load(w.it.Row(), false) && !yield(&w.row, nil) {
				return true
			}
		}
		if w.err == nil {
			w.err = ctx.Err()
		}
		if w.err != nil {
			return false
		}
	}
	return false
}

// load makes w.row of a row; false when nothing of it belongs to a column that
// the table still has.
func (w *storedWalk) load(r *store.Row, static bool) bool {
	out := &w.row
	*out = backend.StoredRow{
		Partition: w.it.Partition(), Token: w.it.Token(), Static: static, Clustering: r.Clustering, Cells: out.Cells[:0],
		Live: r.Liveness.Present, Written: backend.Written{Timestamp: r.Liveness.Timestamp, TTL: r.Liveness.TTL, Expires: r.Liveness.Expires},
	}
	w.paths = w.paths[:0]
	for i := range r.Cells {
		c := &r.Cells[i]
		column := w.columns[c.Column]
		if column == nil { // dropped
			continue
		}
		if c.Value == nil { // nil would be null, this is empty
			c.Value = []byte{}
		}
		path, err := w.path(column.Type, c.Path)
		if err != nil {
			w.err = err
			return false
		}
		out.Cells = append(out.Cells, backend.StoredCell{Column: column, Path: path, Value: c.Value,
			Written: backend.Written{Timestamp: c.Timestamp, TTL: c.TTL, Expires: c.Expires}})
	}
	return out.Live || len(out.Cells) > 0
}

// path decodes a stored path into w.paths. Growing that buffer leaves earlier
// paths where they were.
func (w *storedWalk) path(t *cqltype.Type, stored []byte) ([]byte, error) {
	if stored == nil {
		return nil, nil
	}
	at := len(w.paths)
	var err error
	if w.paths, err = store.DecodePath(w.paths, t, stored); err != nil {
		return nil, err
	}
	return w.paths[at:len(w.paths):len(w.paths)], nil
}
