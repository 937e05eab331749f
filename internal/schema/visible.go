package schema

// Only returns s as somebody sees it who may see some of it: the keyspaces and
// tables of which visible is true (table "" asks about the keyspace itself). A
// keyspace that may be seen shows its types.
func (s *Snapshot) Only(visible func(keyspace, table string) bool) *Snapshot {
	shown := &Snapshot{Version: s.Version, Keyspaces: make(map[string]*Keyspace, len(s.Keyspaces))}
	for name, k := range s.Keyspaces {
		if visible(name, "") {
			shown.Keyspaces[name] = k.only(visible)
		}
	}
	return shown
}

func (k *Keyspace) only(visible func(keyspace, table string) bool) *Keyspace {
	tables := make(map[string]*Table, len(k.Tables))
	for name, t := range k.Tables {
		if visible(k.Name, name) {
			tables[name] = t
		}
	}
	if len(tables) == len(k.Tables) {
		return k
	}
	shown := *k
	shown.Tables = tables
	return &shown
}
