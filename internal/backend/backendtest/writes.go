package backendtest

import (
	"bytes"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// times checks the write time and the clock that a request brings.
func times(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	insert := s.prepare("INSERT INTO t (k, v) VALUES (1, ?)")
	q := query(schema.Int(2))
	q.Timestamp, q.HasTimestamp = 2000, true
	s.run(insert, q)
	q = query(schema.Int(1))
	q.Timestamp, q.HasTimestamp = 1000, true
	s.run(insert, q)
	row := s.rows(s.exec("SELECT v, writetime(v) FROM t"))[0]
	if !bytes.Equal(row[0], schema.Int(2)) || !bytes.Equal(row[1], schema.Bigint(2000)) {
		s.Errorf("the older write wins: %x", row)
	}
	s.exec("INSERT INTO t (k, v) VALUES (1, 3) USING TTL 1000")
	read := s.prepare("SELECT v FROM t")
	q = query()
	q.NowInSeconds, q.HasNowInSeconds = int32(time.Now().Unix())+2000, true
	r, err := s.b.Execute(s.Context(), read, q)
	switch {
	case err != nil && s.asError("now_in_seconds", err).Code != cqlerr.Protocol: // it may not know that, but must say so
		s.Errorf("now_in_seconds: %v", err)
	case err == nil && r.RowCount != 0:
		s.Errorf("2000 s later the row is still there: %x", r.Data)
	}
}

// conditions checks the answers of lightweight transactions.
func conditions(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	insert := s.prepare("INSERT INTO t (k, v) VALUES (?, ?) IF NOT EXISTS")
	q := query(schema.Int(1), schema.Int(1))
	q.SerialConsistency = backend.LocalSerial
	r := s.run(insert, q)
	if rows := s.rows(r); len(rows) != 1 || len(rows[0]) != 1 || r.Columns[0].Name != "[applied]" || !bytes.Equal(rows[0][0], []byte{1}) {
		s.Errorf("the first IF NOT EXISTS: %+v", r)
	}
	r = s.run(insert, q)
	if rows := s.rows(r); len(rows) != 1 || len(rows[0]) != 3 || !bytes.Equal(rows[0][0], []byte{0}) {
		s.Errorf("the second IF NOT EXISTS: %+v", r)
	}
	r = s.exec("UPDATE t SET v = ? WHERE k = 1 IF v = ?", schema.Int(2), schema.Int(1))
	if rows := s.rows(r); !bytes.Equal(rows[0][0], []byte{1}) {
		s.Errorf("IF v = 1: %+v", r)
	}
}

// batches checks native batches.
func batches(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	s.exec("CREATE TABLE u (k int PRIMARY KEY, v int)")
	s.exec("CREATE TABLE n (k int PRIMARY KEY, c counter)")
	insert, update := s.prepare("INSERT INTO t (k, v) VALUES (?, ?)"), s.prepare("UPDATE u SET v = 7 WHERE k = 1")
	values := func(cells ...[]byte) []backend.Value { return query(cells...).Values }
	b := &backend.Batch{Kind: cql.Logged, Query: *query(), Entries: []backend.BatchEntry{
		{Prepared: insert, Values: values(schema.Int(1), schema.Int(1))},
		{Prepared: insert, Values: values(schema.Int(2), nil)},
		{Prepared: update},
	}}
	b.Query.Timestamp, b.Query.HasTimestamp = 5000, true
	if r, err := s.b.ExecuteBatch(s.Context(), b); err != nil || r.Kind != backend.Void {
		s.Fatalf("batch: %+v, %v", r, err)
	}
	if got := s.rows(s.exec("SELECT v, writetime(v) FROM t WHERE k = 1"))[0]; !bytes.Equal(got[0], schema.Int(1)) || !bytes.Equal(got[1], schema.Bigint(5000)) {
		s.Errorf("batch wrote %x", got)
	}
	if got := s.rows(s.exec("SELECT v FROM u WHERE k = 1")); len(got) != 1 {
		s.Errorf("batch wrote %x to the other table", got)
	}
	b = &backend.Batch{Kind: cql.CounterBatch, Query: *query(), Entries: []backend.BatchEntry{
		{Prepared: s.prepare("UPDATE n SET c = c + 1 WHERE k = 1")}, {Prepared: s.prepare("UPDATE n SET c = c + ? WHERE k = 1"), Values: values(schema.Bigint(2))},
	}}
	if _, err := s.b.ExecuteBatch(s.Context(), b); err != nil {
		s.Fatalf("counter batch: %v", err)
	}
	if got := s.rows(s.exec("SELECT c FROM n WHERE k = 1")); !bytes.Equal(got[0][0], schema.Bigint(3)) {
		s.Errorf("counter %x", got)
	}
	b = &backend.Batch{Kind: cql.Unlogged, Query: *query(), Entries: []backend.BatchEntry{
		{Prepared: s.prepare("UPDATE t SET v = ? WHERE k = 1 IF v = ?"), Values: values(schema.Int(2), schema.Int(9))},
	}}
	r, err := s.b.ExecuteBatch(s.Context(), b)
	if err != nil {
		s.Fatalf("conditional batch: %v", err)
	}
	if rows := s.rows(r); r.Columns[0].Name != "[applied]" || !bytes.Equal(rows[0][0], []byte{0}) {
		s.Errorf("conditional batch: %+v", r)
	}
	b.Entries[0].Values = values(schema.Int(2))
	if _, err := s.b.ExecuteBatch(s.Context(), b); s.asError("too few values", err).Code != 0x2200 {
		s.Errorf("too few values: %v", err)
	}
}

// concurrent runs statements at the same time, on shared prepared ones.
func concurrent(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	insert, read := s.prepare("INSERT INTO t (k, v) VALUES (?, ?)"), s.prepare("SELECT v FROM t WHERE k = ?")
	const workers, each = 16, 20
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				key, value := schema.Int(int32(w*each+i)), schema.Int(int32(i))
				if _, err := s.b.Execute(s.Context(), insert, query(key, value)); err != nil {
					s.Error(err)
					return
				}
				r, err := s.b.Execute(s.Context(), read, query(key))
				if err != nil || !bytes.Equal(r.Data, backend.AppendCell(nil, value)) {
					s.Errorf("read %+v, %v", r, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if r := s.exec("SELECT k FROM t"); r.RowCount != workers*each {
		s.Errorf("%d rows, want %d", r.RowCount, workers*each)
	}
}
