package ddl

import (
	"encoding/json"
	"maps"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The names of the catalog in the store's meta values. Keyspace and table
// names hold no slash.
const (
	statePrefix    = "catalog/state"
	keyspacePrefix = "catalog/keyspace/" // + keyspace
	tablePrefix    = "catalog/table/"    // + keyspace/table
)

// state is the stored form of what belongs to no keyspace.
type state struct {
	Format      int
	Version     uuid.UUID
	NextStorage uint32
}

func keyspaceKey(keyspace string) []byte { return []byte(keyspacePrefix + keyspace) }

func tableKey(keyspace, table string) []byte { return []byte(tablePrefix + keyspace + "/" + table) }

func (c *Catalog) saveState(version uuid.UUID) error {
	batch := c.store.NewBatch()
	if err := putState(batch, version, c.nextStorage); err != nil {
		batch.Discard()
		return err
	}
	return batch.Commit()
}

func putState(batch *store.Batch, version uuid.UUID, nextStorage uint32) error {
	data, err := json.Marshal(state{Format: schema.EncodingVersion, Version: version, NextStorage: nextStorage})
	if err != nil {
		return err
	}
	batch.SetMeta([]byte(statePrefix), data)
	return nil
}

// removals are the tables and indexes whose data a change removes, by storage
// number.
type removals struct{ tables, indexes []uint32 }

func (r *removals) empty() bool { return len(r.tables) == 0 && len(r.indexes) == 0 }

func (r *removals) table(t *schema.Table) {
	if t.Storage != 0 {
		r.tables = append(r.tables, t.Storage)
	}
	for _, ix := range t.Indexes {
		r.indexes = append(r.indexes, ix.Storage)
	}
}

func (r *removals) delete(batch *store.Batch) {
	for _, id := range r.tables {
		batch.DropTable(id)
	}
	for _, id := range r.indexes {
		batch.DropIndex(id)
		batch.DeleteMeta(markKey(id))
	}
}

// save commits the difference of two catalogs, with the data of what is gone,
// in one batch. It returns after as it will be read at the next start, which
// shares no memory with the statement it came from.
func (c *Catalog) save(before, after *schema.Snapshot, nextStorage uint32) (*schema.Snapshot, *removals, error) {
	w := &writer{batch: c.store.NewBatch(), stored: &schema.Snapshot{Version: after.Version, Keyspaces: maps.Clone(after.Keyspaces)}}
	if err := w.snapshot(before, after, nextStorage); err != nil {
		w.batch.Discard()
		return nil, nil, err
	}
	w.removed.delete(w.batch)
	if err := w.batch.Commit(); err != nil {
		return nil, nil, err
	}
	c.nextStorage = nextStorage
	return w.stored, &w.removed, nil
}

// writer collects what save writes.
type writer struct {
	batch   *store.Batch
	stored  *schema.Snapshot
	removed removals
}

func (w *writer) snapshot(before, after *schema.Snapshot, nextStorage uint32) error {
	for name, old := range before.Keyspaces {
		if after.Keyspaces[name] != nil {
			continue
		}
		w.batch.DeleteMeta(keyspaceKey(name))
		for _, t := range old.Tables {
			w.batch.DeleteMeta(tableKey(name, t.Name))
			w.removed.table(t)
		}
	}
	for name, k := range after.Keyspaces {
		old := before.Keyspaces[name]
		if old == k {
			continue
		}
		if old == nil {
			old = &schema.Keyspace{Name: name}
		}
		if err := w.keyspace(old, k); err != nil {
			return err
		}
	}
	return putState(w.batch, after.Version, nextStorage)
}

// keyspace writes a keyspace that is new or has changed, and its tables that
// are or have. Tables that have not changed are kept as they are, so that what
// is made of them keeps, too.
func (w *writer) keyspace(old, k *schema.Keyspace) error {
	data, err := schema.EncodeKeyspace(k)
	if err != nil {
		return err
	}
	w.batch.SetMeta(keyspaceKey(k.Name), data)
	if k.System {
		return nil
	}
	stored, err := schema.DecodeKeyspace(data)
	if err != nil {
		return err
	}
	w.stored.Keyspaces[k.Name] = stored
	for name, t := range old.Tables {
		if next := k.Tables[name]; next == nil {
			w.batch.DeleteMeta(tableKey(k.Name, name))
			w.removed.table(t)
		} else {
			w.indexes(t, next)
		}
	}
	for name, t := range k.Tables {
		if old.Tables[name] == t {
			stored.Tables[name] = t
			continue
		}
		w.unbuilt(old.Tables[name], t)
		data, err := schema.EncodeTable(t)
		if err != nil {
			return err
		}
		w.batch.SetMeta(tableKey(k.Name, name), data)
		if stored.Tables[name], err = schema.DecodeTable(data, stored); err != nil {
			return err
		}
	}
	return nil
}

// indexes notes the indexes that a table lost.
func (w *writer) indexes(old, next *schema.Table) {
	for name, ix := range old.Indexes {
		if n := next.Indexes[name]; n == nil || n.Storage != ix.Storage {
			w.removed.indexes = append(w.removed.indexes, ix.Storage)
		}
	}
}

// unbuilt marks the indexes that a table got.
func (w *writer) unbuilt(old, next *schema.Table) {
	for name, ix := range next.Indexes {
		if old == nil || old.Indexes[name] == nil || old.Indexes[name].Storage != ix.Storage {
			w.batch.SetMeta(markKey(ix.Storage), nil)
		}
	}
}
