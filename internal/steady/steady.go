// Package steady has what lets tests hold on a slow and busy machine, where
// anything may take seconds: they wait for what is to come, not for a time.
package steady

import (
	"testing"
	"time"
)

// Timeout is how long a test waits for what must come. Only a test that fails
// waits for so long.
const Timeout = time.Minute

// Until waits until done reports true, and fails the test when it does not
// within Timeout. what says in the failure what was waited for.
func Until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Timeout); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", Timeout, what)
		}
	}
}

// Allocs is testing.AllocsPerRun without what other goroutines allocate
// meanwhile, and without what a garbage collection takes from pools: of some
// measurements the least. It stops measuring once there were no more than want.
func Allocs(want float64, runs int, f func()) float64 {
	least := testing.AllocsPerRun(runs, f)
	for range 9 {
		if least <= want {
			break
		}
		least = min(least, testing.AllocsPerRun(runs, f))
	}
	return least
}
