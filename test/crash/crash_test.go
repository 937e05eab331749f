// Package crash kills the real binary with SIGKILL, many times over one data
// directory, while clients write over CQL and REST, and looks after each
// restart for what was promised: every acknowledged write is there, and each
// batch whole or not at all; counters count exactly, indexes agree with their
// tables, what has a TTL keeps it, and schema changes stay.
package crash

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// duration of the test; CRASH_SECONDS makes it longer, as `make crash` does.
func duration(t *testing.T) time.Duration {
	seconds := 15
	if text := os.Getenv("CRASH_SECONDS"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil || seconds <= 0 {
			t.Fatalf("CRASH_SECONDS is %q, not a number of seconds", text)
		}
	}
	return time.Duration(seconds) * time.Second
}

// minRounds are done however slow the machine is; maxRounds are enough for every
// writer to have written something.
const (
	minRounds = 12
	maxRounds = 100
)

// idle reports whether a writer has written nothing yet.
func idle(writers []writer) bool {
	return slices.ContainsFunc(writers, func(w writer) bool { return w.acknowledged() == 0 })
}

// TestKill runs rounds of start, check, write, kill.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	deadline := time.Now().Add(duration(t))
	writers := newWriters()
	var closing sync.WaitGroup
	defer closing.Wait()
	rounds := 0
	for ; rounds < minRounds || time.Now().Before(deadline) || rounds < maxRounds && idle(writers); rounds++ {
		server, err := harness.Launch("serve", dir)
		if err != nil {
			t.Fatalf("start %d: %v", rounds, err)
		}
		round(t, server, writers, rng, rounds, &closing)
		server.Kill()
		if t.Failed() {
			t.Fatalf("after %d kills; the server's output:\n%s", rounds, server.Output())
		}
		killStarting(t, dir, rng)
	}
	server := harness.Start(t, "serve", dir)
	c := connect(t, server)
	defer c.close()
	total := 0
	for _, w := range writers {
		w.check(t, c, true)
		n := w.acknowledged()
		t.Logf("%T: %d acknowledged", w, n)
		if n == 0 {
			t.Errorf("%T has written nothing", w)
		}
		total += n
	}
	t.Logf("%d kills, %d acknowledged writes", rounds, total)
}

// round checks what earlier rounds have written, then writes until the server
// is about to be killed. The writers' calls end with an error when it is.
// Closing a driver whose server is gone takes it seconds, so that is left to
// closing.
func round(t *testing.T, server *harness.Server, writers []writer, rng *rand.Rand, number int, closing *sync.WaitGroup) {
	c := connect(t, server)
	defer closing.Go(c.close)
	if number == 0 {
		c.createSchema(t)
	}
	for _, w := range writers {
		w.check(t, c, false)
	}
	if t.Failed() {
		return
	}
	var wg sync.WaitGroup
	for _, w := range writers {
		wg.Go(func() {
			for w.write(c) == nil {
			}
		})
	}
	time.Sleep(time.Duration(50+rng.IntN(800)) * time.Millisecond)
	server.Kill()
	c.dead()
	wg.Wait()
	for _, w := range writers {
		for _, err := range w.mistakes() {
			t.Errorf("%T: %v", w, err)
		}
	}
}

// killStarting sometimes starts the server once more and kills it before it is
// ready: a restart that is itself cut short must lose nothing either.
func killStarting(t *testing.T, dir string, rng *rand.Rand) {
	if rng.IntN(3) != 0 {
		return
	}
	process := exec.Command(harness.Binary(), "serve", "--data", dir, "--http-port", "0", "--cql-port", "0", "--grpc-port", "0")
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond)
	_ = process.Process.Kill() // it may have ended
	_ = process.Wait()         // with the signal
}
