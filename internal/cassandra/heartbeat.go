package cassandra

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Gateways find each other through a table: each writes its row again and
// again, with a time to live, and reads those of the others.
const (
	heartbeatInterval = 2 * time.Second
	heartbeatTTL      = 8 // seconds; three beats may be lost
	heartbeatTimeout  = 5 * time.Second
	leaveTimeout      = time.Second
)

// gatewaysTable is one partition, so that reading it is one read. Its id is
// fixed, for gateways that start together would otherwise make it twice.
const gatewaysTable = `CREATE TABLE IF NOT EXISTS %s.gateways (ring text, host_id uuid, address inet, port int, data_center text, ` +
	`PRIMARY KEY (ring, host_id)) WITH id = 51d7cdb2-1e0c-4c39-9c9e-1b3f9d2f7a10 AND gc_grace_seconds = 3600 ` +
	`AND comment = 'Gateways in front of this cluster that are alive'`

// ringName is the key of the one partition.
const ringName = "gateways"

// Join makes this gateway known to the others that keep their tables in
// keyspace, which must exist, and keeps track of them until Close. With
// Options.Peers it does nothing.
func (c *Cluster) Join(ctx context.Context, keyspace string) error {
	if len(c.options.Peers) > 0 {
		return nil
	}
	l, err := c.alive()
	if err != nil {
		return err
	}
	h := &heartbeat{cluster: c, session: l.session, datacenter: l.datacenter, table: cql.QuoteIdentifier(keyspace) + ".gateways"}
	if c.Schema().Table(keyspace, "gateways") == nil {
		if err := l.session.Query(fmt.Sprintf(gatewaysTable, cql.QuoteIdentifier(keyspace))).ExecContext(ctx); err != nil {
			return fmt.Errorf("the table of gateways: %w", failure(err))
		}
	}
	if err := h.beat(ctx); err != nil {
		return fmt.Errorf("the table of gateways: %w", failure(err))
	}
	c.running.Go(func() { h.run(c.closing) })
	return nil
}

type heartbeat struct {
	cluster    *Cluster
	session    *gocql.Session
	datacenter string
	table      string
}

// run beats until ctx ends, and then leaves.
func (h *heartbeat) run(ctx context.Context) {
	tick := time.NewTicker(heartbeatInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := h.beat(ctx); err != nil && ctx.Err() == nil {
				h.cluster.log.Debug("the table of gateways can't be reached", "reason", err)
			}
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
			defer cancel()
			if err := h.leave(ctx); err != nil {
				h.cluster.log.Debug("leaving the table of gateways failed; its row will expire", "reason", err)
			}
			return
		}
	}
}

// beat writes the own row and reads all. When that fails the gateways stay as
// they were last seen.
func (h *heartbeat) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	self := &h.cluster.ring.self
	err := h.session.Query("INSERT INTO "+h.table+" (ring, host_id, address, port, data_center) VALUES (?, ?, ?, ?, ?) USING TTL ?",
		ringName, rawValue(self.id[:]), rawValue(inet(self.address)), int(self.address.Port()), h.datacenter, heartbeatTTL).
		Consistency(gocql.LocalQuorum).Idempotent(true).ExecContext(ctx)
	if err != nil {
		return err
	}
	all, err := h.read(ctx)
	if err != nil {
		return err
	}
	h.cluster.ring.set(all)
	return nil
}

func (h *heartbeat) read(ctx context.Context) ([]gateway, error) {
	iter := h.session.Query("SELECT host_id, address, port, data_center FROM "+h.table+" WHERE ring = ?", ringName).
		Consistency(gocql.LocalQuorum).Idempotent(true).IterContext(ctx)
	page, err := resultOf(iter, nil)
	if err != nil {
		return nil, err
	}
	var all []gateway
	err = eachRow(page, func(r row) error {
		cell, _ := r.cell("address")
		address, ok := netip.AddrFromSlice(cell)
		id := r.uuid("host_id")
		if ok && id != uuid.Nil { // else the row is only half written
			all = append(all, gateway{id: id, address: netip.AddrPortFrom(address.Unmap(), uint16(r.integer("port"))), datacenter: r.text("data_center")})
		}
		return nil
	})
	return all, err
}

func (h *heartbeat) leave(ctx context.Context) error {
	return h.session.Query("DELETE FROM "+h.table+" WHERE ring = ? AND host_id = ?", ringName, rawValue(h.cluster.ring.self.id[:])).
		Consistency(gocql.LocalOne).ExecContext(ctx)
}
