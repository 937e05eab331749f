package outbound_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// client reads nothing since a time, 0 for one that nothing is written to.
type client struct {
	since atomic.Int64
	cut   atomic.Bool
}

func (c *client) Stalled() int64 { return c.since.Load() }
func (c *client) CutOff()        { c.cut.Store(true) }

// clients are some that stall since these times.
func clients(since ...int64) []*client {
	all := make([]*client, len(since))
	for i := range since {
		all[i] = new(client)
		all[i].since.Store(since[i])
	}
	return all
}

func isCut(all []*client) (cut []bool) {
	for _, c := range all {
		cut = append(cut, c.cut.Load())
	}
	return cut
}

// looks waits until the room has looked at who reads some times more.
func looks(t *testing.T, r *outbound.Room) {
	t.Helper()
	// One that has stalled for ever is cut off at each look.
	for range 3 {
		probe := clients(1)[0]
		r.Force(probe, 0)
		steady.Until(t, "the room looks", probe.cut.Load)
		r.Give(probe, 0)
	}
}

// TestCrowded: clients that read nothing keep what they hold as long as nobody
// wants it, and then those who have read nothing for longest are cut off, no more
// than have to be.
func TestCrowded(t *testing.T) {
	now := time.Now()
	r := outbound.New(inflight.New(10), outbound.Patience{Alone: time.Hour, Crowded: time.Minute, Period: time.Millisecond})
	all := clients(now.Add(-20*time.Minute).UnixNano(), now.Add(-30*time.Minute).UnixNano(), now.Add(-10*time.Minute).UnixNano(), math.MaxInt64, 0)
	for _, c := range all {
		if !r.TryTake(c, 2) {
			t.Fatal("no room at first")
		}
	}
	looks(t, r)
	if cut := isCut(all); slices.Contains(cut, true) {
		t.Errorf("cut off while nobody waits: %v", cut)
	}
	granted := make(chan bool)
	reading := clients(0)[0]
	go func() { granted <- r.Take(reading, 3, time.Hour, nil) }()
	steady.Until(t, "two are cut off", func() bool { return all[0].cut.Load() && all[1].cut.Load() })
	looks(t, r)
	if cut := isCut(all); !slices.Equal(cut, []bool{true, true, false, false, false}) {
		t.Errorf("cut off for 3 of 10: %v", cut)
	}
	if r.TryTake(reading, 0) {
		t.Error("room was taken before one who waits")
	}
	r.Give(all[0], 2)
	r.Give(all[1], 2)
	if !<-granted || r.Used() != 9 {
		t.Errorf("%d are held", r.Used())
	}
	if r.TakeNow(reading, 3) {
		t.Error("more was taken than there is")
	}
	steady.Until(t, "who can't wait has another cut off", all[2].cut.Load)
	if all[3].cut.Load() || all[4].cut.Load() {
		t.Error("clients that read were cut off")
	}
}

// TestAlone: a client that reads nothing for very long is cut off though nobody
// waits, and what it did hold is there again for others.
func TestAlone(t *testing.T) {
	r := outbound.New(inflight.New(10), outbound.Patience{Period: time.Millisecond})
	all := clients(time.Now().Add(-2*time.Minute).UnixNano(), time.Now().Add(time.Hour).UnixNano())
	for _, c := range all {
		r.Force(c, 8)
	}
	steady.Until(t, "one is cut off", all[0].cut.Load)
	if r.Used() != 16 || all[1].cut.Load() {
		t.Errorf("%d are held, cut off: %v", r.Used(), isCut(all))
	}
	r.Give(all[0], 8)
	if r.TryTake(all[0], 3) || !r.TryTake(all[0], 2) {
		t.Errorf("%d are held of 10", r.Used())
	}
}

// rows is a back end whose statements answer n bytes.
type rows struct {
	backend.Backend
	mu   sync.Mutex
	n    []int // of each run, the last also of those behind
	runs int
	back int // answers given back
	err  error
}

func (b *rows) Execute(context.Context, *backend.Prepared, *backend.Query) (*backend.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.n[min(b.runs, len(b.n)-1)]
	b.runs++
	recycle := func([]byte) { b.back++ }
	return &backend.Result{Data: make([]byte, n), Recycle: recycle}, b.err
}

// owner is a request that waits as long as it may.
type owner struct {
	client
	hold outbound.Hold
	done chan struct{}
}

var errNone = errors.New("no room")

func (o *owner) Client() outbound.Client                    { return &o.client }
func (o *owner) Patience() (time.Duration, <-chan struct{}) { return time.Hour, o.done }
func (o *owner) AwaitRoom() error {
	if !o.hold.Await(o) {
		return errNone
	}
	return nil
}

const large = 2 * outbound.Small

// TestExecute: rows take their room, what reads is run again until there is some,
// what writes is run once and has its answer in any case, and nothing stays held.
func TestExecute(t *testing.T) {
	other := new(client)
	for name, c := range map[string]struct {
		statement    cql.Statement
		n            []int
		err          error
		full         int64 // of the room's three times large, held by another
		leaves       bool  // who gives it back while the request waits
		gone         bool  // the request ends while it waits
		runs         int
		refused      bool
		held, recycl int64
	}{
		"small":              {statement: &cql.Select{}, n: []int{outbound.Small}, full: 3 * large, runs: 1},
		"large":              {statement: &cql.Select{}, n: []int{large}, runs: 1, held: large},
		"larger than all":    {statement: &cql.Select{}, n: []int{9 * large}, runs: 1, held: 3 * large},
		"waits":              {statement: &cql.Select{}, n: []int{large}, full: 3 * large, leaves: true, runs: 2, held: large, recycl: 1},
		"has grown":          {statement: &cql.Select{}, n: []int{large, 2 * large}, full: 3 * large, leaves: true, runs: 2, held: 2 * large, recycl: 1},
		"has shrunk":         {statement: &cql.Select{}, n: []int{large, 1}, full: 3 * large, leaves: true, runs: 2, held: large, recycl: 1},
		"gives up":           {statement: &cql.Select{}, n: []int{large}, full: 3 * large, gone: true, runs: 1, refused: true, recycl: 1},
		"describes":          {statement: &cql.Describe{}, n: []int{large}, full: 3 * large, leaves: true, runs: 2, held: large, recycl: 1},
		"fails":              {statement: &cql.Select{}, n: []int{large}, err: errNone, runs: 1, refused: true},
		"writes":             {statement: &cql.Insert{IfNotExists: true}, n: []int{large}, runs: 1, held: large},
		"writes, waits":      {statement: &cql.Update{IfExists: true}, n: []int{large}, full: 3 * large, leaves: true, runs: 1, held: large},
		"writes, gives up":   {statement: &cql.Delete{IfExists: true}, n: []int{large}, full: 3 * large, gone: true, runs: 1, held: large},
		"batch, gives up":    {statement: &cql.Batch{}, n: []int{large}, full: 3 * large, gone: true, runs: 1, held: large},
		"defines, gives up":  {statement: &cql.CreateRole{}, n: []int{large}, full: 3 * large, gone: true, runs: 1, held: large},
		"small writes, full": {statement: &cql.Insert{}, n: []int{1}, full: 3 * large, runs: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := outbound.New(inflight.New(3*large), outbound.Patience{})
			if c.full > 0 {
				r.Force(other, c.full)
			}
			b := &rows{n: c.n, err: c.err}
			o := &owner{hold: outbound.Hold{Room: r}, done: make(chan struct{})}
			end := make(chan error)
			go func() {
				_, err := o.hold.Execute(t.Context(), b, &backend.Prepared{Statement: c.statement}, &backend.Query{}, o)
				end <- err
			}()
			if c.leaves || c.gone {
				steady.Until(t, "it waits", func() bool { return r.Waiting() == 1 })
				if used := r.Used(); used != c.full {
					t.Errorf("%d bytes are held while it waits, %d of them by another", used, c.full)
				}
			}
			others := c.full
			if c.leaves {
				r.Give(other, c.full)
				others = 0
			}
			if c.gone {
				close(o.done)
			}
			if err := <-end; (err != nil) != c.refused {
				t.Errorf("error %v", err)
			}
			if b.runs != c.runs || b.back != int(c.recycl) || o.hold.Held() != c.held || r.Used() != c.held+others {
				t.Errorf("%d runs, %d given back, %d held of %d", b.runs, b.back, o.hold.Held(), r.Used())
			}
			o.hold.Reset()
			if r.Used() != others {
				t.Errorf("%d bytes stay held", r.Used()-others)
			}
		})
	}
}

// TestGrowing: rows that grow faster than room is found for them are given up.
func TestGrowing(t *testing.T) {
	r := outbound.New(inflight.New(100*large), outbound.Patience{})
	other := new(client)
	b := &rows{n: []int{10 * large, 20 * large, 30 * large, 40 * large}}
	r.Force(other, 95*large)
	o := &owner{hold: outbound.Hold{Room: r}}
	end := make(chan error)
	go func() {
		_, err := o.hold.Execute(t.Context(), b, &backend.Prepared{Statement: &cql.Select{}}, &backend.Query{}, o)
		end <- err
	}()
	for _, given := range []int64{5, 10} {
		steady.Until(t, "it waits", func() bool { return r.Waiting() == 1 })
		r.Give(other, given*large)
	}
	if err := <-end; err == nil || b.runs != 3 || r.Used() != 80*large {
		t.Errorf("%v after %d runs, %d bytes are held", err, b.runs, r.Used())
	}
}

// TestSmallAllocatesNothing: what small answers cost is a comparison.
func TestSmallAllocatesNothing(t *testing.T) {
	o := &owner{hold: outbound.Hold{Room: outbound.New(nil, outbound.Patience{})}}
	var b backend.Backend = constant{result: &backend.Result{Data: make([]byte, 100)}}
	p, q := &backend.Prepared{Statement: &cql.Select{}}, &backend.Query{}
	if n := steady.Allocs(0, 100, func() { _, _ = o.hold.Execute(context.Background(), b, p, q, o) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// constant answers the same always.
type constant struct {
	backend.Backend
	result *backend.Result
}

func (c constant) Execute(context.Context, *backend.Prepared, *backend.Query) (*backend.Result, error) {
	return c.result, nil
}
