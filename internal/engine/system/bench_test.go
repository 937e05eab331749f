package system_test

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/catalogtest"
	"github.com/astrolabe-db/astrolabe/internal/engine/system"
)

// BenchmarkKeyspaces is part of every start of the server.
func BenchmarkKeyspaces(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := system.Keyspaces(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSelect measures what drivers ask at connect.
func BenchmarkSelect(b *testing.B) {
	s := catalogtest.Start(b, b.TempDir())
	for name, text := range map[string]string{
		"local":   "SELECT * FROM system.local WHERE key = 'local'",
		"peers":   "SELECT * FROM system.peers_v2",
		"tables":  "SELECT * FROM system_schema.tables",
		"columns": "SELECT * FROM system_schema.columns",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Execute(text, &backend.Query{Consistency: backend.One, PageSize: 5000}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
