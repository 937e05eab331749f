package backendtest

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// statements runs one statement of each kind, prepared and as text.
func statements(s *suite) {
	kind := func(r *backend.Result, want backend.ResultKind) {
		s.Helper()
		if r.Kind != want {
			s.Errorf("result of kind %d, want %d", r.Kind, want)
		}
	}
	kind(s.exec("CREATE TABLE t (k int, c int, v text, PRIMARY KEY (k, c))"), backend.SchemaChange)
	kind(s.exec("INSERT INTO t (k, c, v) VALUES (1, 1, 'one')"), backend.Void)
	kind(s.exec("INSERT INTO "+s.keyspace+".t (k, c, v) VALUES (?, ?, ?)", schema.Int(1), schema.Int(2), schema.Text("two")), backend.Void)
	kind(s.exec("UPDATE t SET v = 'zwei' WHERE k = 1 AND c = 2"), backend.Void)
	kind(s.exec("DELETE v FROM t WHERE k = 1 AND c = 1"), backend.Void)
	kind(s.exec("BEGIN BATCH INSERT INTO t (k, c) VALUES (2, 1); DELETE FROM t WHERE k = 1 AND c = 1; APPLY BATCH"), backend.Void)
	use := s.exec("USE " + s.keyspace)
	if kind(use, backend.SetKeyspace); use.Keyspace != s.keyspace {
		s.Errorf("USE %s sets %q", s.keyspace, use.Keyspace)
	}
	for name, r := range map[string]*backend.Result{
		"prepared": s.exec("SELECT k, c, v FROM t"),
		"once":     s.onceOK("SELECT k, c, v FROM t"),
	} {
		if rows := s.rows(r); len(rows) != 2 || string(rows[0][2]) != "zwei" || rows[1][2] != nil {
			s.Errorf("%s: rows %q", name, rows)
		}
		if len(r.Columns) != 3 || r.Columns[2].Name != "v" || r.Columns[2].Table != "t" || r.Columns[2].Keyspace != s.keyspace {
			s.Errorf("%s: columns %+v", name, r.Columns)
		}
	}
	s.onceOK("INSERT INTO t (k, c) VALUES (3, 3)")
	kind(s.exec("TRUNCATE t"), backend.Void)
	if r := s.exec("SELECT * FROM t"); r.RowCount != 0 || len(r.Data) != 0 || len(r.Columns) != 3 {
		s.Errorf("after TRUNCATE: %+v", r)
	}
	kind(s.exec("DESCRIBE TABLE t"), backend.Rows)
	if rows := s.rows(s.exec("DESCRIBE TABLES")); len(rows) != 1 || string(rows[0][2]) != "t" {
		s.Errorf("DESCRIBE TABLES: %q", rows)
	}
	if err := s.b.Ready(s.Context()); err != nil {
		s.Errorf("not ready: %v", err)
	}
}

func (s *suite) onceOK(text string) *backend.Result {
	s.Helper()
	r, err := s.once(text)
	if err != nil {
		s.Fatalf("%s: %v", text, err)
	}
	return r
}
