package system

import (
	"context"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Node is what the tables ask about the node's store.
type Node interface {
	// TableSize is about how many bytes a table has in files, by its storage number.
	TableSize(storage uint32) (int64, error)
	// RowCacheStats and BlockCacheStats tell of the store's caches.
	RowCacheStats() store.CacheStats
	BlockCacheStats() store.CacheStats
	// CompactionStats and FlushStats tell of the store's work in the background.
	CompactionStats() store.PoolStats
	FlushStats() store.PoolStats
}

const mebibyte = 1 << 20

// cacheRows are the rows of system_views.caches: of Cassandra's caches there are
// those of rows and of blocks of files, which it calls chunks. Rates of the last
// minutes are not measured, and null.
func (s *Tables) cacheRows() []schema.Row {
	if s.options.Node == nil {
		return nil
	}
	row := func(name string, c store.CacheStats) schema.Row {
		ratio := math.NaN() // as Cassandra has it for none of none
		if c.Requests > 0 {
			ratio = float64(c.Hits) / float64(c.Requests)
		}
		return schema.Row{
			schema.Text(name), schema.Bigint(c.Capacity), schema.Int(int32(min(c.Entries, math.MaxInt32))), schema.Bigint(c.Hits), schema.Double(ratio),
			nil, nil, schema.Bigint(c.Requests), schema.Bigint(c.Size),
		}
	}
	return []schema.Row{row("chunks", s.options.Node.BlockCacheStats()), row("rows", s.options.Node.RowCacheStats())}
}

// diskUsage are the partitions of system_views.disk_usage: begun mebibytes of
// each table with storage.
func (s *Tables) diskUsage(ctx context.Context) []partition {
	if s.options.Node == nil {
		return nil
	}
	return s.byTable(ctx, func(t *schema.Table) schema.Row {
		size, err := s.options.Node.TableSize(t.Storage)
		if err != nil {
			return nil // the store is being closed
		}
		return schema.Row{schema.Bigint((size + mebibyte - 1) / mebibyte)}
	})
}

// byTable are partitions of one row for each table with storage: its keyspace,
// its name, and what values says; nil leaves it out.
func (s *Tables) byTable(ctx context.Context, values func(*schema.Table) schema.Row) []partition {
	var all []partition
	for _, k := range s.shown(ctx).Keyspaces {
		for _, t := range k.Tables {
			if t.Storage == 0 {
				continue
			}
			cells := values(t)
			if cells == nil {
				continue
			}
			keyspace, name := schema.Text(k.Name), schema.Text(t.Name)
			row := append(schema.Row{keyspace, name}, cells...)
			all = append(all, partition{key: cqltype.AppendPartitionKey(nil, keyspace, name), rows: func() []schema.Row { return []schema.Row{row} }})
		}
	}
	return all
}

// gossipRow is the node's row of system_views.gossip_info: the states that mean
// something without gossip, without the versions that only gossip counts.
func (s *Tables) gossipRow() map[string][]byte {
	o := &s.options
	address := o.Address()
	ip, port := address.Addr().Unmap().String(), address.String()
	return map[string][]byte{
		"address":                 inet(address.Addr()),
		"port":                    schema.Int(int32(address.Port())),
		"dc":                      schema.Text(schema.Datacenter),
		"generation":              schema.Int(int32(o.Started.Unix())),
		"host_id":                 schema.Text(o.HostID.String()),
		"hostname":                schema.Text(ip), // names are not looked up
		"native_address_and_port": schema.Text(port),
		"rack":                    schema.Text(schema.Rack),
		"release_version":         schema.Text(ReleaseVersion),
		"rpc_address":             schema.Text(ip),
		"rpc_ready":               schema.Text("true"),
		"schema":                  schema.Text(o.Snapshot().Version.String()),
		"status":                  schema.Text("NORMAL," + Token),
		"status_with_port":        schema.Text("NORMAL," + Token),
	}
}
