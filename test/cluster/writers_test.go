//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// writersEach is how many goroutines write through one session, and writerPause
// how long each rests, so that there is time to read everything back.
const (
	writersEach = 4
	writerPause = 60 * time.Millisecond
)

// readPatience is how long a row is read again while nodes answer that they could
// not in time, which on a busy machine they do after a restart.
const readPatience = 90 * time.Second

// writers write rows at QUORUM and remember which were acknowledged.
type writers struct {
	s       *story
	t       *testing.T
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	// written counts the acknowledged writes of each session.
	written []*atomic.Int64
	errors  map[string]int
	stopped bool
}

// write starts writers, those of each gateway on a session that knows it alone.
func (s *story) write(t *testing.T, gateways ...*harness.Server) *writers {
	var sessions []*gocql.Session
	for _, g := range gateways {
		sessions = append(sessions, s.connect(t, g))
	}
	return s.start(t, false, sessions...)
}

// writeWith starts writers on one session that may lose its connections.
func (s *story) writeWith(t *testing.T, session *gocql.Session) *writers {
	return s.start(t, true, session)
}

func (s *story) start(t *testing.T, mayLose bool, sessions ...*gocql.Session) *writers {
	ctx, cancel := background(t)
	w := &writers{s: s, t: t, cancel: cancel, errors: map[string]int{}}
	for _, session := range sessions {
		written := &atomic.Int64{}
		w.written = append(w.written, written)
		for range writersEach {
			w.running.Go(func() { w.loop(ctx, session, written, mayLose) })
		}
	}
	return w
}

func (w *writers) loop(ctx context.Context, session *gocql.Session, written *atomic.Int64, mayLose bool) {
	s := w.s
	for ctx.Err() == nil {
		s.mu.Lock()
		s.next++
		id := s.next
		s.mu.Unlock()
		err := session.Query(`INSERT INTO k.t (id, v) VALUES (?, ?)`, id, fmt.Sprint("value ", id)).Consistency(gocql.Quorum).Idempotent(true).Exec()
		s.mu.Lock()
		if err == nil {
			s.acked = append(s.acked, id)
			written.Add(1)
		} else {
			w.errors[fmt.Sprintf("%T %v", err, err)]++
			if !mayLose && !cassandras(err) {
				w.t.Errorf("not Cassandra's error: %T %v", err, err)
			}
		}
		s.mu.Unlock()
		time.Sleep(writerPause)
	}
}

func (w *writers) counts() []int64 {
	all := make([]int64, len(w.written))
	for i, n := range w.written {
		all[i] = n.Load()
	}
	return all
}

// stop ends the writers and tells what became of their writes, once.
func (w *writers) stop() {
	if w.stopped {
		return
	}
	w.stopped = true
	w.cancel(errStopped)
	w.running.Wait()
	w.t.Logf("acknowledged %v, errors %v", w.counts(), w.errors)
}

// readBack reads a row at QUORUM, again while that times out.
func readBack(session *gocql.Session, id int) (v string, err error) {
	for end := time.Now().Add(readPatience); ; {
		err = session.Query(`SELECT v FROM k.t WHERE id = ?`, id).Consistency(gocql.Quorum).Scan(&v)
		var timeout *gocql.RequestErrReadTimeout
		if !errors.As(err, &timeout) || time.Now().After(end) {
			return v, err
		}
	}
}

// checkAcked reads every acknowledged row through each gateway.
func (s *story) checkAcked(t *testing.T, gateways ...*harness.Server) {
	t.Helper()
	acked := slices.Clone(s.acked)
	for _, g := range gateways {
		session := s.connect(t, g)
		var readers sync.WaitGroup
		var lost, failed atomic.Int64
		for part := range slices.Chunk(acked, len(acked)/8+1) {
			readers.Go(func() {
				for _, id := range part {
					v, err := readBack(session, id)
					switch {
					case err == gocql.ErrNotFound || err == nil && v != fmt.Sprint("value ", id):
						lost.Add(1)
					case err != nil:
						failed.Add(1)
						t.Logf("reading: %v", err)
					}
				}
			})
		}
		readers.Wait()
		if lost.Load() > 0 || failed.Load() > 0 {
			t.Errorf("of %d acknowledged writes %d are lost, and %d could not be read", len(acked), lost.Load(), failed.Load())
		}
	}
	t.Logf("all %d acknowledged writes are there", len(acked))
}
