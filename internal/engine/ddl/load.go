package ddl

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// load reads the catalog; a store without one gets the builtin keyspaces alone.
func (c *Catalog) load(o Options) (*schema.Snapshot, error) {
	r := c.store.NewReader()
	defer r.Close()
	data, err := r.GetMeta([]byte(statePrefix))
	if err != nil {
		return nil, err
	}
	snapshot := schema.NewSnapshot(o.Builtin...)
	if data == nil && o.ReadOnly {
		return nil, ErrNoCatalog
	}
	if data == nil {
		c.nextStorage = 1
		return snapshot, c.saveState(snapshot.Version)
	}
	var st state
	if err := json.Unmarshal(data, &st); err != nil {
		return nil, fmt.Errorf("stored catalog: %w", err)
	}
	if st.Format != schema.EncodingVersion {
		return nil, fmt.Errorf("stored catalog has format %d, this version reads %d", st.Format, schema.EncodingVersion)
	}
	snapshot.Version, c.nextStorage = st.Version, st.NextStorage
	if err := r.ScanMeta([]byte(keyspacePrefix), func(_, value []byte) error {
		return loadKeyspace(snapshot, value)
	}); err != nil {
		return nil, err
	}
	err = r.ScanMeta([]byte(tablePrefix), func(name, value []byte) error {
		keyspace, _, _ := strings.Cut(strings.TrimPrefix(string(name), tablePrefix), "/")
		k := snapshot.Keyspaces[keyspace]
		if k == nil {
			return fmt.Errorf("stored table %s is of no keyspace", name)
		}
		t, err := schema.DecodeTable(value, k)
		if err != nil {
			return err
		}
		k.Tables[t.Name] = t // k was made here and is nobody else's yet
		return nil
	})
	return snapshot, err
}

// loadKeyspace adds a stored keyspace to a snapshot that nobody has seen yet.
// Of one of the server's own only the parameters are stored.
func loadKeyspace(snapshot *schema.Snapshot, data []byte) error {
	k, err := schema.DecodeKeyspace(data)
	if err != nil {
		return err
	}
	if own := snapshot.Keyspaces[k.Name]; own != nil {
		k = own.WithReplication(k.Replication, k.DurableWrites)
	}
	snapshot.Keyspaces[k.Name] = k
	return nil
}
