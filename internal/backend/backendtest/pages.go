package backendtest

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// pages checks that pages add up, and that a paging state works with a
// statement that was prepared anew.
func pages(s *suite) {
	s.exec("CREATE TABLE t (k int, c int, PRIMARY KEY (k, c))")
	const rows = 10
	for c := range rows {
		s.exec("INSERT INTO t (k, c) VALUES (?, ?)", schema.Int(int32(c%2)), schema.Int(int32(c)))
	}
	for _, text := range []string{"SELECT k, c FROM t", "SELECT k, c FROM t WHERE k IN (0, 1)"} {
		for _, size := range []int{1, 3, 5, rows, rows + 1} {
			s.paged(text, size, rows)
		}
		if r := s.exec(text); r.RowCount != rows || r.PagingState != nil {
			s.Errorf("%s without pages: %d rows, state % x", text, r.RowCount, r.PagingState)
		}
	}
	if r := s.run(s.prepare("SELECT c FROM t LIMIT 4"), &backend.Query{Consistency: backend.One, PageSize: 3}); r.RowCount != 3 || r.PagingState == nil {
		s.Errorf("LIMIT 4 in pages of 3: %d rows, state % x", r.RowCount, r.PagingState)
	}
}

// paged reads text in pages and checks that each row comes once.
func (s *suite) paged(text string, size, want int) {
	s.Helper()
	seen := map[string]bool{}
	q := &backend.Query{Consistency: backend.One, PageSize: size}
	for page := 0; ; page++ {
		if page > want+1 {
			s.Fatalf("%s in pages of %d does not end", text, size)
		}
		r := s.run(s.prepare(text), q)
		if r.RowCount > size {
			s.Errorf("%s: a page of %d has %d rows", text, size, r.RowCount)
		}
		for _, row := range s.rows(r) {
			key := fmt.Sprint(row)
			if seen[key] {
				s.Errorf("%s in pages of %d: row %s comes twice", text, size, key)
			}
			seen[key] = true
		}
		if q.PagingState = r.PagingState; q.PagingState == nil {
			break
		}
	}
	if len(seen) != want {
		s.Errorf("%s in pages of %d: %d rows, want %d", text, size, len(seen), want)
	}
}
