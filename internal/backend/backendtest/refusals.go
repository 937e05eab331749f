package backendtest

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// refusals checks codes, texts and the fields that go with them, as Cassandra
// 5.0 answers.
func refusals(s *suite) {
	s.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	for _, c := range []struct {
		text    string
		values  [][]byte
		code    cqlerr.Code
		message string
	}{
		{"SELECT * FROM nosuch", nil, cqlerr.Invalid, "table nosuch does not exist"},
		{"SELECT * FROM nosuch.t", nil, cqlerr.Invalid, "keyspace nosuch does not exist"},
		{"SELECT nosuch FROM t", nil, cqlerr.Invalid, "Undefined column name nosuch in table " + s.keyspace + ".t"},
		{"INSERT INTO t (k, v) VALUES (?, 'x')", [][]byte{schema.Int(1)}, cqlerr.Invalid, "Invalid STRING constant (x) for \"v\" of type int"},
		{"INSERT INTO t (k, v) VALUES (?, 1)", [][]byte{nil}, cqlerr.Invalid, "Invalid null value in condition for column k"},
		{"USE nosuch", nil, cqlerr.Invalid, "Keyspace 'nosuch' does not exist"},
		{"CREATE TABLE nosuch.t (k int PRIMARY KEY)", nil, cqlerr.Invalid, "Keyspace 'nosuch' doesn't exist"},
	} {
		if e := s.refused(c.text, c.values...); e.Code != c.code || e.Message != c.message {
			s.Errorf("%s: 0x%04x %s\nwant 0x%04x %s", c.text, int32(e.Code), e.Message, int32(c.code), c.message)
		}
	}
	if e := s.refused("CREATE TABLE t (k int PRIMARY KEY)"); e.Code != cqlerr.AlreadyExists || e.Keyspace != s.keyspace || e.Table != "t" {
		s.Errorf("CREATE TABLE again: %+v", e)
	}
	e := s.refused("CREATE KEYSPACE " + s.keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	if e.Code != cqlerr.AlreadyExists || e.Keyspace != s.keyspace || e.Table != "" {
		s.Errorf("CREATE KEYSPACE again: %+v", e)
	}
	if _, err := s.once("SELECT * FROM nosuch"); s.asError("once", err).Message != "table nosuch does not exist" {
		s.Errorf("once: %v", err)
	}
	ended, cancel := context.WithCancel(s.Context())
	cancel()
	if _, err := s.b.Execute(ended, s.prepare("CREATE TABLE u (k int PRIMARY KEY)"), query()); err == nil {
		s.Error("a statement whose context has ended is executed")
	}
}
