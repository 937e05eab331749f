package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
)

// operation is one thing that is measured, on both servers alike.
type operation struct {
	name string
	// tables are the statements that make its tables, IF NOT EXISTS.
	tables []string
	// statements to prepare; one and another in order.
	statements []string
	// rows is how many rows fill writes before it is measured.
	rows int
	// fill writes row n.
	fill func(l *cqlLoad, ids [][]byte, slot int, n uint32) error
	// operate does it once.
	operate func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error
}

// cqlLoad is a server that operations are sent to.
type cqlLoad struct {
	clients []*client
}

// connections that the operations in flight share, as a driver's pool does.
const connections = 2

// maxInFlight operations on one server.
const maxInFlight = 64

func newCQLLoad(addr, token string) (*cqlLoad, error) {
	l := &cqlLoad{}
	for range connections {
		c, err := dial(addr, token, maxInFlight)
		if err != nil {
			return nil, err
		}
		l.clients = append(l.clients, c)
	}
	return l, l.clients[0].query(`CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
}

func (l *cqlLoad) close() {
	for _, c := range l.clients {
		_ = c.close() // the measurement is over
	}
}

// call sends a request in a slot.
func (l *cqlLoad) call(slot int, opcode byte, body []byte) (frame, error) {
	return l.clients[slot%connections].call(slot/connections, opcode, body)
}

// execute runs a prepared statement whose answer is not looked at.
func (l *cqlLoad) execute(slot int, id []byte, values ...[]byte) error {
	_, err := l.call(slot, opExecute, appendExecute(nil, id, values...))
	return err
}

// begin makes the tables of o, fills them and returns what does o once.
func (l *cqlLoad) begin(o *operation) (operate, error) {
	for _, text := range o.tables {
		if err := l.clients[0].query(text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	var ids [][]byte
	for _, text := range o.statements {
		var id []byte
		for _, c := range l.clients {
			var err error
			if id, err = c.prepare(text); err != nil {
				return nil, fmt.Errorf("%s: %w", text, err)
			}
		}
		ids = append(ids, id)
	}
	if err := l.fill(o, ids); err != nil {
		return nil, fmt.Errorf("filling for %s: %w", o.name, err)
	}
	return func(slot int, rng *rand.Rand) error { return o.operate(l, ids, slot, rng) }, nil
}

// fill writes the rows that o needs.
func (l *cqlLoad) fill(o *operation, ids [][]byte) error {
	errs := make([]error, maxInFlight)
	var wg sync.WaitGroup
	for slot := range maxInFlight {
		wg.Go(func() {
			for n := slot; n < o.rows && errs[slot] == nil; n += maxInFlight {
				errs[slot] = o.fill(l, ids, slot, uint32(n))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func intValue(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func bigintValue(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
