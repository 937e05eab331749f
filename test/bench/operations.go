package main

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
)

// keys is how many rows, or partitions, operations work over.
const keys = 50_000

// operations are what is measured, in this order. INSERT and SELECT come first:
// REST reads their table.
func operations() []operation {
	return []operation{
		insertRow(), selectRow(), selectSlice(), selectPage(), updateMap(), incrementCounter(),
		insertIfNotExists(), loggedBatch(), lookUpIndex("2i lookup", "values_2i", ""), lookUpIndex("SAI lookup", "values_sai", "USING 'sai'"),
		fullScan(), bulkLoad(),
	}
}

const (
	usersTable = `CREATE TABLE IF NOT EXISTS bench.users (id int PRIMARY KEY, firstname text, lastname text, email text, created bigint)`
	insertUser = `INSERT INTO bench.users (id, firstname, lastname, email, created) VALUES (?, ?, ?, ?, ?)`
)

func userValues(n uint32) [][]byte {
	return [][]byte{intValue(n), []byte("John"), []byte("Smith"), fmt.Appendf(nil, "john.smith.%d@example.com", n), bigintValue(uint64(n))}
}

func insertRow() operation {
	return operation{
		name: "INSERT", tables: []string{usersTable}, statements: []string{insertUser},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			return l.execute(slot, ids[0], userValues(rng.Uint32N(keys))...)
		},
	}
}

func selectRow() operation {
	return operation{
		name: "SELECT", tables: []string{usersTable}, statements: []string{`SELECT * FROM bench.users WHERE id = ?`, insertUser},
		rows: keys,
		fill: func(l *cqlLoad, ids [][]byte, slot int, n uint32) error {
			return l.execute(slot, ids[1], userValues(n)...)
		},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			return l.execute(slot, ids[0], intValue(rng.Uint32N(keys)))
		},
	}
}

const (
	eventsTable = `CREATE TABLE IF NOT EXISTS bench.events (id int, at int, what text, who text, PRIMARY KEY (id, at))`
	insertEvent = `INSERT INTO bench.events (id, at, what, who) VALUES (?, ?, ?, ?)`
	// eventRows of each of eventPartitions.
	eventRows       = 200
	eventPartitions = 500
)

func fillEvents(l *cqlLoad, ids [][]byte, slot int, n uint32) error {
	return l.execute(slot, ids[1], intValue(n/eventRows), intValue(n%eventRows), []byte("something has happened"), []byte("John Smith"))
}

// selectSlice reads ten rows in the middle of a partition.
func selectSlice() operation {
	return operation{
		name: "10-row slice", tables: []string{eventsTable},
		statements: []string{`SELECT * FROM bench.events WHERE id = ? AND at >= ? AND at < ?`, insertEvent},
		rows:       eventRows * eventPartitions, fill: fillEvents,
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			at := rng.Uint32N(eventRows - 10)
			return l.execute(slot, ids[0], intValue(rng.Uint32N(eventPartitions)), intValue(at), intValue(at+10))
		},
	}
}

// selectPage reads the first hundred rows of a partition, as a page.
func selectPage() operation {
	return operation{
		name: "100-row page", tables: []string{eventsTable}, statements: []string{`SELECT * FROM bench.events WHERE id = ?`, insertEvent},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			f, err := l.call(slot, opExecute, appendExecutePage(nil, ids[0], 100, nil, intValue(rng.Uint32N(eventPartitions))))
			if err != nil {
				return err
			}
			if state, err := pagingState(f); err != nil || state == nil {
				return fmt.Errorf("a page without a next one: %v", err)
			}
			return nil
		},
	}
}

// updateMap sets one entry of a map.
func updateMap() operation {
	return operation{
		name: "UPDATE of a map", tables: []string{`CREATE TABLE IF NOT EXISTS bench.maps (id int PRIMARY KEY, m map<text, text>)`},
		statements: []string{`UPDATE bench.maps SET m[?] = ? WHERE id = ?`},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			return l.execute(slot, ids[0], fmt.Appendf(nil, "key %d", rng.Uint32N(10)), []byte("a value"), intValue(rng.Uint32N(keys)))
		},
	}
}

func incrementCounter() operation {
	return operation{
		name: "counter + 1", tables: []string{`CREATE TABLE IF NOT EXISTS bench.counters (id int PRIMARY KEY, n counter)`},
		statements: []string{`UPDATE bench.counters SET n = n + 1 WHERE id = ?`},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			return l.execute(slot, ids[0], intValue(rng.Uint32N(keys)))
		},
	}
}

// insertIfNotExists is an LWT that is applied: each has a key of its own.
func insertIfNotExists() operation {
	var next atomic.Uint64
	return operation{
		name: "LWT insert", tables: []string{`CREATE TABLE IF NOT EXISTS bench.claims (id bigint PRIMARY KEY, owner text)`},
		statements: []string{`INSERT INTO bench.claims (id, owner) VALUES (?, ?) IF NOT EXISTS`},
		operate: func(l *cqlLoad, ids [][]byte, slot int, _ *rand.Rand) error {
			return l.execute(slot, ids[0], bigintValue(next.Add(1)), []byte("John Smith"))
		},
	}
}

// loggedBatch writes ten rows of ten partitions.
func loggedBatch() operation {
	return operation{
		name: "logged batch of 10", tables: []string{usersTable}, statements: []string{insertUser},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			entries := make([]batchEntry, 10)
			for i := range entries {
				entries[i] = batchEntry{ids[0], userValues(rng.Uint32N(keys))}
			}
			_, err := l.call(slot, opBatch, appendBatch(nil, 0, entries))
			return err
		},
	}
}

// lookUpIndex finds the five rows of a value through an index.
func lookUpIndex(name, table, using string) operation {
	const perValue = 5
	return operation{
		name: name,
		tables: []string{fmt.Sprintf(`CREATE TABLE IF NOT EXISTS bench.%s (id int PRIMARY KEY, v int, w text)`, table),
			fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %s_v ON bench.%s (v) %s`, table, table, using)},
		statements: []string{fmt.Sprintf(`SELECT * FROM bench.%s WHERE v = ?`, table), fmt.Sprintf(`INSERT INTO bench.%s (id, v, w) VALUES (?, ?, ?)`, table)},
		rows:       keys,
		fill: func(l *cqlLoad, ids [][]byte, slot int, n uint32) error {
			return l.execute(slot, ids[1], intValue(n), intValue(n/perValue), []byte("some words"))
		},
		operate: func(l *cqlLoad, ids [][]byte, slot int, rng *rand.Rand) error {
			return l.execute(slot, ids[0], intValue(rng.Uint32N(keys/perValue)))
		},
	}
}

// scanRows of the table that a full scan reads.
const scanRows = 5000

// fullScan reads a whole table in pages of 1,000 rows.
func fullScan() operation {
	return operation{
		name:   fmt.Sprintf("full scan of %d", scanRows),
		tables: []string{`CREATE TABLE IF NOT EXISTS bench.scanned (id int PRIMARY KEY, firstname text, lastname text, email text, created bigint)`},
		statements: []string{`SELECT * FROM bench.scanned`,
			`INSERT INTO bench.scanned (id, firstname, lastname, email, created) VALUES (?, ?, ?, ?, ?)`},
		rows: scanRows,
		fill: func(l *cqlLoad, ids [][]byte, slot int, n uint32) error {
			return l.execute(slot, ids[1], userValues(n)...)
		},
		operate: func(l *cqlLoad, ids [][]byte, slot int, _ *rand.Rand) error {
			for state, first := []byte(nil), true; first || state != nil; first = false {
				f, err := l.call(slot, opExecute, appendExecutePage(nil, ids[0], 1000, state))
				if err != nil {
					return err
				}
				if state, err = pagingState(f); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// bulkLoad writes new rows, fifty of one partition in an unlogged batch.
func bulkLoad() operation {
	const size = 50
	var next atomic.Uint32
	return operation{
		name: fmt.Sprintf("bulk load, batches of %d", size), tables: []string{`CREATE TABLE IF NOT EXISTS bench.loaded (id int, at int, what text, PRIMARY KEY (id, at))`},
		statements: []string{`INSERT INTO bench.loaded (id, at, what) VALUES (?, ?, ?)`},
		operate: func(l *cqlLoad, ids [][]byte, slot int, _ *rand.Rand) error {
			entries := make([]batchEntry, size)
			id := intValue(next.Add(1))
			for i := range entries {
				entries[i] = batchEntry{ids[0], [][]byte{id, intValue(uint32(i)), []byte("something has happened")}}
			}
			_, err := l.call(slot, opBatch, appendBatch(nil, 1, entries))
			return err
		},
	}
}
