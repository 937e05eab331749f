package engine

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// writable is available for a statement that writes. One with conditions needs
// its replicas only when they are met (exec.DB.Available), but EACH_QUORUM means
// nothing without datacenters (ConsistencyLevel.validateForCasCommit).
func writable(snapshot *schema.Snapshot, c backend.Consistency, conditional bool, tables ...*schema.Table) error {
	if !conditional {
		return available(snapshot, c, tables...)
	}
	if c != backend.EachQuorum {
		return nil
	}
	for _, t := range tables {
		k := snapshot.Keyspaces[t.Keyspace]
		if t.Virtual || k == nil {
			continue
		}
		if class := k.Replication["class"]; !strings.HasSuffix(class, "NetworkTopologyStrategy") {
			return cqlerr.Invalidf("consistency level %s not compatible with replication strategy (%s)", c, class)
		}
	}
	return nil
}

// available refuses the consistency levels TWO and THREE on tables that have
// fewer replicas than that: no cluster of any size could serve them. All other
// levels can be met: the one node stands for all replicas of a keyspace, so
// that schemas made for a cluster of three work with QUORUM here too. (A
// Cassandra of one node would refuse those.)
func available(snapshot *schema.Snapshot, c backend.Consistency, tables ...*schema.Table) error {
	need := 0
	switch c {
	case backend.Two:
		need = 2
	case backend.Three:
		need = 3
	default:
		return nil
	}
	for _, t := range tables {
		k := snapshot.Keyspaces[t.Keyspace]
		if t.Virtual || k == nil {
			continue
		}
		if have := max(schema.Replicas(k.Replication), 1); have < need {
			return &cqlerr.Error{Code: cqlerr.Unavailable, Message: "Cannot achieve consistency level " + c.String(),
				Consistency: uint16(c), BlockFor: int32(need), Alive: int32(have)}
		}
	}
	return nil
}
