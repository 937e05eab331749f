package schema

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// Diff returns the changes that lead from before to after, in the order in
// which Cassandra tells them (SchemaChangeNotifier): keyspaces that went, new
// ones, altered ones; within a keyspace what went, what came, what changed.
// Each change carries after.
func Diff(before, after *Snapshot) []Change {
	var d differ
	for _, k := range before.InOrder() {
		if after.Keyspaces[k.Name] == nil {
			d.keyspace(k, nil)
			d.add(Dropped, "KEYSPACE", k.Name, "")
		}
	}
	for _, k := range after.InOrder() {
		if before.Keyspaces[k.Name] == nil {
			d.add(Created, "KEYSPACE", k.Name, "")
			d.keyspace(nil, k)
		}
	}
	for _, k := range after.InOrder() {
		if old := before.Keyspaces[k.Name]; old != nil && old != k {
			d.keyspace(old, k)
		}
	}
	for i := range d.changes {
		d.changes[i].Snapshot = after
	}
	return d.changes
}

type differ struct{ changes []Change }

func (d *differ) add(kind ChangeKind, target, keyspace, name string) {
	d.changes = append(d.changes, Change{Kind: kind, Target: target, Keyspace: keyspace, Name: name})
}

// keyspace adds the changes within one keyspace; either side may be nil.
func (d *differ) keyspace(before, after *Keyspace) {
	if before == nil {
		before = &Keyspace{Name: after.Name}
	}
	if after == nil {
		after = &Keyspace{Name: before.Name}
	}
	for _, t := range sorted(before.Tables) {
		if after.Tables[t.Name] == nil || after.Tables[t.Name].ID != t.ID {
			d.add(Dropped, "TABLE", before.Name, t.Name)
		}
	}
	for _, t := range sorted(before.Types) {
		if after.Types[t.Name] == nil {
			d.add(Dropped, "TYPE", before.Name, t.Name)
		}
	}
	for _, t := range after.TypesInOrder() {
		if before.Types[t.Name] == nil {
			d.add(Created, "TYPE", after.Name, t.Name)
		}
	}
	for _, t := range sorted(after.Tables) {
		if before.Tables[t.Name] == nil || before.Tables[t.Name].ID != t.ID {
			d.add(Created, "TABLE", after.Name, t.Name)
		}
	}
	if before.Replication != nil && after.Replication != nil && !sameParameters(before, after) {
		d.add(Updated, "KEYSPACE", after.Name, "")
	}
	for _, t := range sorted(after.Types) {
		if old := before.Types[t.Name]; old != nil && !sameType(old, t) {
			d.add(Updated, "TYPE", after.Name, t.Name)
		}
	}
	for _, t := range sorted(after.Tables) {
		if old := before.Tables[t.Name]; old != nil && old != t && old.ID == t.ID {
			d.add(Updated, "TABLE", after.Name, t.Name)
		}
	}
}

func sameType(a, b *cqltype.Type) bool { return a == b || a.Equal(b) }
