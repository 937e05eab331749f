package cql

import (
	"reflect"
	"testing"
)

func TestSplitStatements(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" ; ;; -- nothing\n ;", nil},
		{"SELECT 1", []string{"SELECT 1"}},
		{"use a; select * from b;\n", []string{"use a", "select * from b"}},
		{"INSERT INTO t (a) VALUES ('x;y'';'); SELECT \"a;b\" FROM t", []string{"INSERT INTO t (a) VALUES ('x;y'';')", "SELECT \"a;b\" FROM t"}},
		{"SELECT $$a;b$$ FROM t; x", []string{"SELECT $$a;b$$ FROM t", "x"}},
		{"a -- b; c\n d; /* e; */ f // g;\n; h", []string{"a -- b; c\n d", "f", "h"}},
		{"BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 1; APPLY BATCH; use x",
			[]string{"BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 1; APPLY BATCH", "use x"}},
		{"begin unlogged batch update t set a = 1 where apply = 2; apply batch", []string{"begin unlogged batch update t set a = 1 where apply = 2; apply batch"}},
		{"select 'open; select 2", []string{"select 'open; select 2"}},
		{"select /* open; select 2", []string{"select"}},
		{"select @ # é; 12h30; -- last", []string{"select @ # é", "12h30"}},
	} {
		var got []string
		for _, span := range SplitStatements(c.text) {
			got = append(got, c.text[span.Start:span.End])
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}
