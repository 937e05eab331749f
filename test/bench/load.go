package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// figures of one measurement.
type figures struct {
	operations int
	elapsed    time.Duration
	// cpu of the server's process over all operations.
	cpu    time.Duration
	p50    time.Duration
	p99    time.Duration
	failed error
}

func (f figures) rate() float64 { return float64(f.operations) / f.elapsed.Seconds() }

// cpuPerOperation in microseconds.
func (f figures) cpuPerOperation() float64 {
	return float64(f.cpu.Microseconds()) / float64(max(1, f.operations))
}

// keys is how many rows INSERT and SELECT work over.
const keys = 50_000

// run keeps inFlight operations going for a while and measures them; operate
// does one in its slot. pid is the server's.
func run(pid, inFlight int, length time.Duration, operate func(slot int, rng *rand.Rand) error) figures {
	var f figures
	before, err := cpuTime(pid)
	if err != nil {
		return figures{failed: err}
	}
	began := time.Now()
	end := began.Add(length)
	latencies := make([][]time.Duration, inFlight)
	errs := make([]error, inFlight)
	var wg sync.WaitGroup
	for slot := range inFlight {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(slot), 7))
			for now := time.Now(); now.Before(end); {
				if errs[slot] = operate(slot, rng); errs[slot] != nil {
					return
				}
				then := time.Now()
				latencies[slot] = append(latencies[slot], then.Sub(now))
				now = then
			}
		})
	}
	wg.Wait()
	f.elapsed = time.Since(began)
	after, err := cpuTime(pid)
	if err != nil {
		return figures{failed: err}
	}
	f.cpu = after - before
	var all []time.Duration
	for slot := range inFlight {
		if errs[slot] != nil {
			return figures{failed: errs[slot]}
		}
		all = append(all, latencies[slot]...)
	}
	slices.Sort(all)
	f.operations = len(all)
	if len(all) > 0 {
		f.p50, f.p99 = all[len(all)/2], all[len(all)*99/100]
	}
	return f
}

const table = `CREATE TABLE IF NOT EXISTS bench.users (id int PRIMARY KEY, firstname text, lastname text, email text, created bigint)`

// cqlLoad is the prepared INSERT and SELECT by key over the native protocol.
type cqlLoad struct {
	clients        []*client
	insert, choose []byte
}

// connections that the operations in flight share, as a driver's pool does.
const connections = 2

func newCQLLoad(addr, token string) (*cqlLoad, error) {
	l := &cqlLoad{}
	for range connections {
		c, err := dial(addr, token, 64)
		if err != nil {
			return nil, err
		}
		l.clients = append(l.clients, c)
	}
	c := l.clients[0]
	for _, text := range []string{
		`CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`, table,
	} {
		if err := c.query(text); err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
	}
	for _, c := range l.clients {
		var err error
		if l.insert, err = c.prepare(`INSERT INTO bench.users (id, firstname, lastname, email, created) VALUES (?, ?, ?, ?, ?)`); err != nil {
			return nil, err
		}
		if l.choose, err = c.prepare(`SELECT * FROM bench.users WHERE id = ?`); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *cqlLoad) close() {
	for _, c := range l.clients {
		_ = c.close() // the measurement is over
	}
}

func (l *cqlLoad) insertOne(slot int, rng *rand.Rand) error {
	var key [4]byte
	n := rng.Uint32N(keys)
	binary.BigEndian.PutUint32(key[:], n)
	body := appendExecute(nil, l.insert, key[:], []byte("John"), []byte("Smith"), fmt.Appendf(nil, "john.smith.%d@example.com", n),
		binary.BigEndian.AppendUint64(nil, uint64(n)))
	_, err := l.clients[slot%connections].call(slot/connections, opExecute, body)
	return err
}

func (l *cqlLoad) selectOne(slot int, rng *rand.Rand) error {
	var key [4]byte
	binary.BigEndian.PutUint32(key[:], rng.Uint32N(keys))
	_, err := l.clients[slot%connections].call(slot/connections, opExecute, appendExecute(nil, l.choose, key[:]))
	return err
}

// fill writes every key once, so that SELECT always finds its row.
func (l *cqlLoad) fill() error {
	const writers = 64
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for slot := range writers {
		wg.Go(func() {
			for n := slot; n < keys && errs[slot] == nil; n += writers {
				var key [4]byte
				binary.BigEndian.PutUint32(key[:], uint32(n))
				body := appendExecute(nil, l.insert, key[:], []byte("John"), []byte("Smith"),
					fmt.Appendf(nil, "john.smith.%d@example.com", n), binary.BigEndian.AppendUint64(nil, uint64(n)))
				_, errs[slot] = l.clients[slot%connections].call(slot/connections, opExecute, body)
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
