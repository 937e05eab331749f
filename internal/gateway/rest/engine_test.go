package rest

import (
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// onEngine opens the embedded engine on an empty directory behind a door.
func onEngine(t testing.TB, o Options) *Handler {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	o.Backend, o.Auth = e, everyone{}
	return New(o)
}
